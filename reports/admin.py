"""What the audit shows administrators of reviews: where they stand, never what they say."""

from django.apps import apps

from ministries.admin_audit import AuditEventAdmin

# Values of these keys; of all others only that they changed. Conclusions, comments, minutes,
# interests and reasons are read by those who may open the review.
TOLD = frozenset(
    {
        "state", "version", "edition", "digest", "content_digest", "lines", "kind", "format",
        "years", "measure", "measures", "user", "expires_on", "opinions_due_on",
        "comments_due_on", "step", "document_number", "on", "addressee", "acknowledged_number",
        "acknowledged_on",
    }
)  # fmt: skip
for _model in apps.get_app_config("reports").get_models():
    AuditEventAdmin.told[_model._meta.label_lower] = TOLD
