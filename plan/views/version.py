"""What pages about a version share: who sees it, where a refusal leads, how a change reads."""

from django.urls import reverse
from django.utils.translation import gettext as _

from config.kit.views import RefusalMixin, ScopedMixin
from plan.enums import ChangeKind
from plan.models import Change, PlanVersion


class VersionMixin(RefusalMixin, ScopedMixin):
    """Pages about one version that this person may see."""

    model = PlanVersion
    public = True

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related(
                "plan", "based_on__plan", "revision__opened_by", "revision__approved_by"
            )
        )

    def refused_url(self) -> str:
        if "pk" in self.kwargs:
            return reverse("revision", args=[self.kwargs["pk"]])
        return reverse("revision-list")


def told(change: Change) -> list[tuple[str, str]]:
    """Before and after of a change as lines to set side by side."""
    sides = [
        "\n".join(
            f"{node['code']} {node['name']}"
            + (f"（{node['duties']}）" if change.kind == ChangeKind.REASSIGN else "")
            for node in side
        )
        for side in (change.before, change.after)
    ]
    return [
        (label, text) for label, text in zip((_("原為"), _("改為")), sides, strict=True) if text
    ]
