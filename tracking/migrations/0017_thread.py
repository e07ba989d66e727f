import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# To begin with; administrators change them. "" is for any part.
REASONS = (
    ("progress", "請寫出今年實際做了什麼、做到哪裡；與去年相同的段落請更新。"),
    ("progress", "燈號與執行情形不一致，請說明或更正燈號。"),
    ("indicators", "實績與前幾年差距很大，請確認數字與單位，並在說明欄寫出原因。"),
    ("indicators", "請補上本年實績；沒有資料的，在說明欄寫出何時會有。"),
    ("lateness", "落後原因請寫具體，並寫出趕上的日期與要配合的機關。"),
    ("money", "支用數多於分配數，請確認，並說明經費來源。"),
    ("evidence", "請附可查證的佐證資料或連結。"),
    ("next_year", "次年計畫請寫出要完成的事項與時程。"),
    ("", "文字與另一項措施相同，請就這一項措施分別說明。"),
)


def begin(apps, schema_editor) -> None:
    reason = apps.get_model("tracking", "CannedReason")
    reason.objects.using(schema_editor.connection.alias).bulk_create(
        reason(part=part, text=text, ordinal=10 * place)
        for place, (part, text) in enumerate(REASONS, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("ministries", "0002_api_token"),
        ("plan", "0007_indicator_depth"),
        ("tracking", "0016_typing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CannedReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("progress", "執行情形"),
                            ("indicators", "量化指標"),
                            ("lateness", "落後說明"),
                            ("money", "經費"),
                            ("evidence", "佐證資料"),
                            ("next_year", "次年計畫"),
                        ],
                        help_text="不選就是每個部分都可用。",
                        max_length=10,
                        verbose_name="部分",
                    ),
                ),
                ("text", models.CharField(max_length=300, verbose_name="退回理由")),
                ("ordinal", models.PositiveSmallIntegerField(default=0, verbose_name="順序")),
                ("active", models.BooleanField(default=True, verbose_name="使用中")),
            ],
            options={
                "verbose_name": "常用退回理由",
                "verbose_name_plural": "常用退回理由",
                "ordering": ["ordinal", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("ministry", "填報部會"), ("science", "國科會")],
                        max_length=10,
                        verbose_name="發言方",
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="內容")),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="時間"),
                ),
            ],
            options={
                "verbose_name": "報告的留言",
                "verbose_name_plural": "報告的留言",
                "ordering": ["report_id", "at", "pk"],
                "base_manager_name": "objects",
            },
        ),
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
                    ("reminder", "期限提醒"),
                    ("handover", "承辦交接"),
                    ("receipt", "送件收據"),
                    ("dissent", "協辦的不同意見"),
                    ("extension_asked", "申請展延"),
                    ("extension_decided", "展延的決定"),
                    ("correction_asked", "申請更正"),
                    ("correction_decided", "更正的決定"),
                    ("correction_runs", "引用的報告更正中"),
                    ("correction_done", "引用的報告已更正"),
                    ("message", "留言"),
                ],
                max_length=20,
                verbose_name="種類",
            ),
        ),
        migrations.AddConstraint(
            model_name="cannedreason",
            constraint=models.UniqueConstraint(
                fields=("part", "text"),
                name="canned_reason_once",
                violation_error_message="這個部分已經有同樣的理由。",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="thread",
                to="tracking.progressreport",
            ),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
