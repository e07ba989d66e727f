"""Datasets of what was promised and by whom: the tree, assignments, ministries, successions."""

from datetime import date, datetime
from itertools import chain

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Max, Q, QuerySet, Value
from django.db.models.fields import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from ministries.models import AuditEvent, Ministry, Succession
from plan.models import Assignment, Goal, Measure, Plan, PlanVersion, Strategy, SubGoal
from reports.opendata.dataset import Column, Dataset, Kind, measure, ministry, plan

NOBODY = AnonymousUser()
ON_CHANGE = _("有異動時")


def public_versions() -> QuerySet[PlanVersion]:
    return PlanVersion.objects.visible_to(NOBODY)


def public_plans() -> QuerySet[Plan]:
    return Plan.objects.filter(versions__in=public_versions()).distinct()


def plan_years() -> tuple[int, int] | None:
    spans = list(public_plans().order_by().values_list("start_year", "end_year"))
    return (min(a for a, _b in spans), max(b for _a, b in spans)) if spans else None


def last_told(*verbs: str) -> datetime | None:
    """When the audit log last tells of one of these deeds (`plan.`: of any deed to that thing)."""
    wanted = Q(pk__in=[])
    for verb in verbs:
        wanted |= Q(verb__startswith=verb)
    return AuditEvent.objects.filter(wanted).aggregate(at=Max("at"))["at"]


def _version_columns() -> tuple[Column, ...]:
    return (
        plan("version__plan__slug"),
        Column("version", _("版次"), _("計畫版本的號碼，1是核定本。"), Kind.INTEGER,
               of="version__number"),
        Column("version_state", _("版本狀態"),
               _("approved有效、superseded已被後來的版本取代；草案不公開。"), of="version__state"),
    )  # fmt: skip


# --- the tree -------------------------------------------------------------------------------------
_LEVELS = (
    ("goal", Goal, Value("")),
    ("sub_goal", SubGoal, F("goal__code")),
    ("strategy", Strategy, F("sub_goal__code")),
    ("measure", Measure, F("strategy__code")),
)


def _tree():
    """Level after level; each in the order of versions and of the plan."""
    return chain.from_iterable(
        model.objects.filter(version__in=public_versions())
        .values_list(
            "version__plan__slug", "version__number", "version__state", Value(level), "code",
            parent, "ordinal", "name", "name_en", Cast("lineage", TextField()),
        )
        .iterator(chunk_size=2000)
        for level, model, parent in _LEVELS
    )  # fmt: skip


def _tree_size() -> int:
    versions = public_versions()
    return sum(
        model.objects.filter(version__in=versions).count() for _level, model, _parent in _LEVELS
    )


TREE = Dataset(
    "plan-tree",
    _("計畫架構"),
    _("計畫各版本的目標、子目標、策略與措施，依計畫的編號與名稱。"),
    (
        *_version_columns(),
        Column("level", _("層次"),
               _("goal目標、sub_goal子目標、strategy策略、measure措施。")),
        Column("code", _("編號"), _("計畫所用的編號，例如1.1.1.1。")),
        Column("parent", _("上一層編號"), _("目標沒有上一層，空白。")),
        Column("ordinal", _("順序"), _("在同一個上層之下的順序，從1起。"), Kind.INTEGER),
        Column("name", _("名稱"), _("照計畫所印，未更正。")),
        Column("name_en", _("英文名稱"), _("沒有時空白。")),
        Column("lineage", _("沿革"), _("同一項目在各版本裡相同的識別碼（32位十六進位）。")),
    ),
    _tree,
    _("計畫核定或修正時"),
    lambda: last_told("plan.", "revision."),
    plan_years,
    _tree_size,
)  # fmt: skip


# --- who answers ----------------------------------------------------------------------------------
ASSIGNMENTS = Dataset(
    "assignments",
    _("分工"),
    _("每項措施由哪些部會主辦與協辦，從哪一天到哪一天。"),
    (
        plan("measure__version__plan__slug"),
        Column("version", _("版次"), _("計畫版本的號碼，1是核定本。"), Kind.INTEGER,
               of="measure__version__number"),
        *measure("measure"),
        *ministry("ministry"),
        Column("role", _("角色"), _("lead主辦、partner協辦。"), of="role"),
        Column("order", _("順序"), _("計畫所列的順序；第1個主辦負責統籌。"), Kind.INTEGER),
        Column("since", _("自"), _("第一天；空白表示自計畫開始。"), Kind.DATE),
        Column("until", _("至"), _("不再負責的第一天；空白表示仍負責。"), Kind.DATE),
        Column("basis", _("依據"), _("表7，或移撥的法律依據。")),
    ),
    lambda: Assignment.objects.filter(measure__version__in=public_versions()).order_by(
        "measure__version__plan__slug", "measure__version__number", "measure__position", "role",
        "order", "pk",
    ),
    ON_CHANGE,
    lambda: last_told("plan.", "revision.", "assignment."),
    plan_years,
)  # fmt: skip


def _names_changed() -> date | datetime | None:
    return last_told("plan.load", "succession.", "admin.")


MINISTRIES = Dataset(
    "ministries",
    _("部會"),
    _("計畫所列與承接的機關，每一個名稱一列：更名以後是另一列。"),
    (
        Column("code", _("代碼"), _("其他資料集所用的部會代碼。")),
        Column("short_name", _("簡稱"), _("例如衛福部。")),
        Column("full_name", _("全名"), _("例如衛生福利部。")),
        Column("name_en", _("英文名稱"), _("沒有時空白。")),
        Column("since", _("成立日"), _("用這個名稱的第一天；空白表示早於本系統的紀錄。"),
               Kind.DATE),
        Column("until", _("終止日"), _("不再用這個名稱的第一天；空白表示沿用至今。"), Kind.DATE),
    ),
    lambda: Ministry.objects.order_by("code"),
    ON_CHANGE,
    _names_changed,
)  # fmt: skip

SUCCESSIONS = Dataset(
    "successions",
    _("部會承接"),
    _("哪個機關自哪一天起由哪個機關承接，以及法律依據。"),
    (
        Column("predecessor", _("原部會代碼"), _("部會資料集的代碼。"), of="predecessor__code"),
        Column("successor", _("承接部會代碼"), _("部會資料集的代碼。"), of="successor__code"),
        Column("on", _("生效日"), _("承接的第一天。"), Kind.DATE),
        Column("kind", _("方式"),
               _("renamed更名、merged併入、split分立、partial_transfer部分業務移撥。")),
        Column("legal_basis", _("法律依據"), _("法律或命令的名稱。")),
        Column("note", _("說明"), _("沒有時空白。")),
    ),
    lambda: Succession.objects.order_by("on", "predecessor__code", "successor__code"),
    ON_CHANGE,
    lambda: last_told("plan.load", "succession."),
)  # fmt: skip
