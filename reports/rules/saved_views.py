"""Who may keep, change and open saved views. Opening one gives no right to what it shows."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from reports.models import SavedView

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User

# A shelf that one can still look over.
MOST = 200


def may_save(user: "User | AnonymousUser") -> Verdict:
    """Everybody who is signed in, up to `MOST` of their own."""
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if SavedView.objects.visible_to(user).count() >= MOST:
        return not_now(_("每人最多釘選%(n)s個檢視；先刪掉幾個不用的，再釘選新的。") % {"n": MOST})
    return YES


def may_change(view: SavedView, user: "User | AnonymousUser") -> Verdict:
    """Rename, share, stop sharing, delete: the owner."""
    if user.is_authenticated and view.owner_id == user.pk:
        return YES
    return not_allowed(_("這個檢視不是你的。"))
