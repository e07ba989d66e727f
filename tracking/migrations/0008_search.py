from django.db import migrations

from config.kit.search_index import search_index

TEXTS = (
    "work_done",
    "benefit",
    "obstacle",
    "response",
    "next_steps",
    "nothing_reason",
    "sub_cause",
    "others_must_act",
)
AND = " || '\n' || "


class Migration(migrations.Migration):
    dependencies = [("tracking", "0007_submission"), ("plan", "0005_search")]

    operations = [
        search_index("report_search", "tracking_progressreport", AND.join(TEXTS)),
        search_index(
            "submission_search",
            "tracking_submission",
            AND.join(f"coalesce(content -> 'fields' ->> '{name}', '')" for name in TEXTS),
        ),
        search_index("resolution_search", "tracking_resolution", f"name{AND}text"),
        search_index("resolution_report_search", "tracking_resolutionreport", f"text{AND}reason"),
    ]
