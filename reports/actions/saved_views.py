"""The verbs of saved views: save, rename, share, stop sharing, delete. All are the owner's."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from ministries import audit
from ministries.models import User
from reports import saved_pages
from reports.models import SavedView
from reports.models.saved_view import new_token
from reports.rules import saved_views as rules

LONGEST = SavedView._meta.get_field("name").max_length


@transaction.atomic
def save_view(name: str, address: str, *, by: User) -> SavedView:
    """Keep an address of one of our pages under a name, for the person alone.

    Refuses (Invalid) an address that `reports.saved_pages` does not take, and a name that is empty,
    too long or taken.
    """
    # Of two requests at once the second waits here, and then finds the name taken.
    User.objects.select_for_update().get(pk=by.pk)
    rules.may_save(by).enforce()
    found = saved_pages.parse(address)
    view = SavedView(
        owner=by,
        name=_named(name, by),
        page=found.page,
        arguments=dict(found.arguments),
        query=found.query,
    )
    view.save()
    audit.record("view.save", view, by=by, after=_told(view))
    return view


@transaction.atomic
def rename(view: SavedView, name: str, *, by: User) -> SavedView:
    """Another name; the address that was shared stays."""
    row = _enter(view, by)
    before, row.name = row.name, _named(name, by, but=row)
    if row.name != before:
        row.save(update_fields=["name"])
        audit.record("view.rename", row, by=by, before={"name": before}, after={"name": row.name})
    return row


@transaction.atomic
def share(view: SavedView, *, by: User) -> SavedView:
    """From now on it opens for everybody who has its address, each with their own rights."""
    row = _enter(view, by)
    if row.shared_at is None:
        row.shared_at = timezone.now()
        row.save(update_fields=["shared_at"])
        audit.record("view.share", row, by=by, after=_told(row))
    return row


@transaction.atomic
def unshare(view: SavedView, *, by: User) -> SavedView:
    """It opens for its owner alone again. It gets another address: the one that was sent around
    stays dead even if the view is shared anew.
    """
    row = _enter(view, by)
    if row.shared_at is not None:
        row.shared_at, row.token = None, new_token()
        row.save(update_fields=["shared_at", "token"])
        audit.record("view.unshare", row, by=by, before=_told(row))
    return row


@transaction.atomic
def delete(view: SavedView, *, by: User) -> None:
    """Gone, with its address; the log keeps what it was."""
    row = _enter(view, by)
    audit.record("view.delete", row, by=by, before=_told(row))
    row.delete()


def _enter(view: SavedView, by: User) -> SavedView:
    row = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)
    rules.may_change(row, by).enforce()
    return row


def _named(name: str, owner: User, *, but: SavedView | None = None) -> str:
    name = name.strip()
    if not name:
        raise Invalid({"name": [_("請寫一個名稱。")]})
    if len(name) > LONGEST:
        raise Invalid({"name": [_("名稱最多%(n)s個字。") % {"n": LONGEST}]})
    others = SavedView.objects.visible_to(owner).filter(name=name)
    if others.exclude(pk=but.pk if but else None).exists():
        raise Invalid({"name": [_("你已經有一個同名的檢視。")]})
    return name


def _told(view: SavedView) -> dict:
    """What the log keeps: never the token, which opens the view."""
    return {
        "name": view.name,
        "page": view.page,
        "arguments": view.arguments,
        "query": view.query,
    }
