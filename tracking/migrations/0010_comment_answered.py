"""A notice for a ministry whose comment on a conclusion was answered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0009_scale"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sign_off_waiting", "等你核可"),
                    ("returned", "退回補正"),
                    ("accepted", "已接受"),
                    ("sent_back", "窗口退給承辦人"),
                    ("indicator_approved", "指標已核定"),
                    ("indicator_declined", "指標不核定"),
                    ("meeting_called", "協調會議通知"),
                    ("resolution_given", "新的決議"),
                    ("resolution_reported", "決議已回報"),
                    ("resolution_returned", "決議退回補充"),
                    ("resolution_closed", "決議結案"),
                    ("expert_asked", "請專家評估"),
                    ("opinions_sent", "專家意見送部會"),
                    ("comments_asked", "請部會對結論表示意見"),
                    ("comment_answered", "部會意見已處理"),
                    ("review_proposed", "評估送覆核"),
                    ("review_approved", "評估已定稿"),
                ],
                max_length=20,
                verbose_name="種類",
            ),
        ),
    ]
