"""What is asked of each address of saved views, an officer's of 甲部, and what is posted."""

from collections.abc import Callable

from reports.actions import saved_views
from reports.models import SavedView
from tests.access.cases_reports import Case, nothing
from tests.world import World

ADDRESS = "/plan/?code=1.1.1.1"


def a_view(*rest: str, shared: bool = False) -> Callable[[World], list]:
    """The token of a view, then what follows."""

    def place(world: World) -> list:
        by, name = world.officer_a, "分享的" if shared else "自己的"
        row = SavedView.objects.visible_to(by).filter(name=name).first()
        row = row or saved_views.save_view(name, ADDRESS, by=by)
        if shared:
            row = saved_views.share(row, by=by)
        return [row.token, *rest]

    return place


CASES: dict[str, dict[str, Case]] = {
    "view": {"own": Case(a_view()), "shared": Case(a_view(shared=True))},
    "view-create": {"": Case(nothing, post=lambda world: {"name": "新的", "address": ADDRESS})},
    "view-move": {
        verb: Case(
            a_view(verb, shared=verb == "unshare"), post=lambda world: {"name": "改過的名稱"}
        )
        for verb in ("rename", "share", "unshare", "delete")
    },
}
