"""The verbs of a revision as tools of a node's page, each with its form and its action."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ministries.models import User
from plan.actions import revise
from plan.enums import NodeLevel
from plan.forms import (
    AddForm,
    ChangeForm,
    EndForm,
    MergeForm,
    MoveForm,
    ReassignForm,
    RenumberForm,
    RewordForm,
    SplitForm,
)
from plan.levels import ABOVE, LEVELS, Node, children, level_below, level_of
from plan.models import Change, PlanVersion
from plan.queries import duties_text


@dataclass(frozen=True)
class Tool:
    """One verb on a node's page: its form, and the action that the filled form is handed to."""

    verb: str
    label: str
    says: str
    form: Callable[..., ChangeForm]
    act: Callable[[Any], Change]
    stop: bool = False


def tools_of(version: PlanVersion, row: Node | None, user: User) -> list[Tool]:
    """The verbs that fit the node, each bound to it."""

    def given(form: ChangeForm) -> dict:
        return {"why": form.why, "seen_edits": form.cleaned_data["seen_edits"], "by": user}

    found: list[Tool] = []
    if row is not None:
        found += _own(version, row, given)
    # Under an implicit sub-goal stands what is shown directly under its goal.
    holder = row
    if row is not None and level_of(row) == NodeLevel.GOAL:
        holder = row.sub_goals.filter(implicit=True).first() or row
    level = level_of(holder) if holder else None
    below = level_below(level)
    if below is None:
        return found
    bodies = below in (NodeLevel.STRATEGY, NodeLevel.MEASURE)
    name = version.level_name(below)
    found.append(
        Tool(
            "add",
            _("新增%(level)s") % {"level": name},
            _("排在最後，用下一個號碼；現行版本用過的號碼不再用。"),
            lambda *args, **kwargs: AddForm(
                *args, bodies=bodies, required=below == NodeLevel.STRATEGY, **kwargs
            ),
            lambda form: revise.add(
                version,
                below,
                under=holder,
                name=form.cleaned_data["name"],
                text=form.cleaned_data["text"],
                duties=form.cleaned_data.get("leads"),
                **given(form),
            ),
        )
    )
    siblings = list(children(version, holder))
    if siblings and not getattr(siblings[0], "implicit", False):
        found.append(
            Tool(
                "renumber",
                _("%(level)s重新編號") % {"level": name},
                _("從1起依順序編號，底下各層的編號跟著改。"),
                lambda *args, **kwargs: RenumberForm(*args, siblings=siblings, **kwargs),
                lambda form: revise.renumber(version, holder, order=form.order, **given(form)),
            )
        )
    return found


def _own(version: PlanVersion, row: Node, given: Callable) -> list[Tool]:
    """Verbs on the node itself; those on what is under it are `tools_of`'s."""
    level = level_of(row)
    found = [
        Tool(
            "reword",
            _("修改文字"),
            _("沿革不變；報告仍接得上。"),
            lambda *args, **kwargs: RewordForm(*args, node=row, **kwargs),
            lambda form: revise.reword(version, row, fields=form.given, **given(form)),
        )
    ]
    if level in (NodeLevel.STRATEGY, NodeLevel.MEASURE):
        printed = duties_text(row)
        found.append(
            Tool(
                "reassign",
                _("調整分工"),
                _("生效日在核定時登錄；生效以前由原來的部會負責。"),
                lambda *args, **kwargs: ReassignForm(*args, printed=printed, **kwargs),
                lambda form: revise.reassign(
                    version, row, duties=form.cleaned_data["leads"], **given(form)
                ),
            )
        )
    if level == NodeLevel.MEASURE:
        others = version.measures.exclude(pk=row.pk).order_by("position")
        found += [
            Tool(
                "split",
                _("分割"),
                _("原措施由兩項以上取代；以前的報告在各項底下都看得到。"),
                lambda *args, **kwargs: SplitForm(*args, text=row.description, **kwargs),
                lambda form: revise.split(version, row, parts=form.parts, **given(form)),
            ),
            Tool(
                "merge",
                _("合併"),
                _("選取的各項由一項取代，用這一項的編號。"),
                lambda *args, **kwargs: MergeForm(*args, others=others, **kwargs),
                lambda form: revise.merge(
                    version,
                    [row, *others.filter(pk__in=form.cleaned_data["measures"])],
                    name=form.cleaned_data["name"],
                    description=form.cleaned_data["text"],
                    duties=form.cleaned_data["leads"],
                    **given(form),
                ),
            ),
        ]
    places = _places(version, row, level)
    if places:
        found.append(
            Tool(
                "move",
                _("移列"),
                _("連同底下的各層一起移，沿革不變。"),
                lambda *args, **kwargs: MoveForm(*args, places=places, **kwargs),
                lambda form: revise.move(
                    version,
                    row,
                    under=next(p for p in places if p.pk == form.cleaned_data["under"]),
                    **given(form),
                ),
            )
        )
    found.append(
        Tool(
            "end",
            _("終止"),
            _("連同底下的各層一起終止；已有的報告留在原版本。"),
            EndForm,
            lambda form: revise.end(version, row, **given(form)),
            stop=True,
        )
    )
    return found


def _places(version: PlanVersion, row: Node, level: NodeLevel) -> list[Node]:
    """What it can be moved under."""
    if level not in ABOVE:
        return []
    above, column = ABOVE[level]
    rows = LEVELS[above].objects.filter(version=version)
    rows = rows.exclude(pk=getattr(row, f"{column}_id")).order_by("pk")
    if level == NodeLevel.SUB_GOAL:
        rows = rows.exclude(sub_goals__implicit=True)
    if above == NodeLevel.SUB_GOAL:
        rows = rows.select_related("goal").order_by("goal__ordinal", "ordinal")
    return list(rows)
