"""Loads a plan's facts into the database: an upsert by code, in one transaction, run as often as
one likes. `preview` says what would change, `load_plan` does it.
"""

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction

from ministries.audit import record
from ministries.models import Ministry
from ministries.rules import may_administer
from plan.enums import VersionState
from plan.fixture_files.check import check
from plan.fixture_files.entry import FixtureError
from plan.fixture_files.facts import PlanFacts
from plan.fixture_files.read import read_companion
from plan.loading.bodies import check_dates, load_lists, load_ministries, load_successions
from plan.loading.figures import load_figures
from plan.loading.ledger import Change, Ledger
from plan.loading.tree import TreeLoader
from plan.models import Plan, PlanVersion

if TYPE_CHECKING:
    from ministries.models import User

__all__ = ["Change", "load_plan", "preview"]


@transaction.atomic
def load_plan(facts: PlanFacts, *, by: "User | str") -> list[Change]:
    """Bring the database to what ``facts`` say, and return what changed (nothing twice).

    In order: ministries, successions, the plan, its version, participants, bodies of chapter 陸,
    printed figures and their series, the tree, the cells of table 7, the assignments; then the
    audit. A draft follows the file in everything; an approved version has its wording changed,
    each change audited, and nothing ever deleted. A plan whose file names only slug and tree, and
    that is not loaded yet, takes everything else from its folder in `fixtures/`.

    ``by`` is an administrator, or a text such as `system:load_plan`; others get NotAllowed. Raises
    FixtureError (file, place, reason), leaving everything as it was, when the file is broken, does
    not agree with the plan's claim, would change the structure of an approved version, or names a
    version that does not exist.
    """
    if not isinstance(by, str):
        may_administer(by).enforce()
    plan = Plan.objects.select_for_update().filter(slug=facts.slug).first()
    if plan is None and facts.about is None:
        facts = _with_companion(facts)
    known = {ministry.code: ministry for ministry in Ministry.objects.all()}
    _check(facts, plan, known)

    ledger = Ledger(by)
    ministries = load_ministries(facts, known, ledger)
    load_successions(facts, ministries, ledger)
    check_dates(facts, ministries)
    plan = _load_about(facts, plan, ledger)
    version, is_new = _load_version(facts, plan, ledger)
    load_lists(facts, plan, ministries, ledger)
    load_figures(facts, plan, ministries, ledger)
    bodies = {
        short_name: ministries[code] for short_name, code in _short_names(facts, ministries).items()
    }
    TreeLoader(facts, version, bodies, ledger, is_new=is_new).load()
    if ledger.changes:
        counts = Counter(change.kind for change in ledger.changes)
        after = {"source": facts.file, "version": version.number, **counts}
        record("plan.load", plan, by=by, after=after)
    return ledger.changes


def preview(facts: PlanFacts, *, by: "User | str" = "system:preview") -> list[Change]:
    """What `load_plan` would change; nothing is kept. Raises as `load_plan` does."""
    with transaction.atomic():
        changes = load_plan(facts, by=by)
        transaction.set_rollback(True)
    return changes


def _with_companion(facts: PlanFacts) -> PlanFacts:
    companion = read_companion(facts.slug)
    if companion is None or companion.version != facts.version:
        raise FixtureError(
            facts.file, "plan", f"計畫「{facts.slug}」還沒有載入，檔案裡要有它的名稱與年度"
        )
    return dataclasses.replace(companion, file=facts.file, goals=facts.goals)


def _check(facts: PlanFacts, plan: Plan | None, known: dict[str, Ministry]) -> None:
    """Hold the facts against each other and the claim, before anything is written."""
    about = facts.about
    if about is not None and about.start_year > about.end_year:
        raise FixtureError(about.file, about.place, "起始年在結束年之後")
    if facts.participants is not None or plan is None:
        uncounted = [row.ministry for row in facts.participants or () if not row.counted]
    else:
        uncounted = plan.participants.filter(counted=False).values_list("ministry__code", flat=True)
    codes = [*known, *(row.code for row in facts.ministries or ())]
    claim = about.claim if about is not None else plan.claim
    check(facts, _short_names(facts, known), codes, claim, uncounted)


def _short_names(facts: PlanFacts, known: dict[str, Ministry]) -> dict[str, str]:
    """Short name → code; what the file itself says of a ministry goes first."""
    names = {ministry.short_name: ministry.code for ministry in known.values()}
    return names | {row.short_name: row.code for row in facts.ministries or ()}


def _load_about(facts: PlanFacts, plan: Plan | None, ledger: Ledger) -> Plan:
    about = facts.about
    if about is None:
        return plan
    values = {
        "name": about.name,
        "name_en": about.name_en,
        "start_year": about.start_year,
        "end_year": about.end_year,
        "claim": about.claim,
    }
    rows = ledger.upsert(
        "計畫",
        Plan,
        {plan.slug: plan} if plan else {},
        {facts.slug: values},
        lambda slug: {"slug": slug},
        audit=True,
    )
    return rows[facts.slug]


def _load_version(facts: PlanFacts, plan: Plan, ledger: Ledger) -> tuple[PlanVersion, bool]:
    """The version, and whether this run created it: only a plan's first can be."""
    about, versions = facts.about, {row.number: row for row in plan.versions.select_for_update()}
    version = versions.get(facts.version)
    if version is None and versions:
        raise FixtureError(
            facts.file, "version", f"沒有第 {facts.version} 版；新的版本要經由滾動修正建立"
        )
    if version is not None and version.state == VersionState.SUPERSEDED:
        raise FixtureError(facts.file, "version", f"第 {facts.version} 版已被取代")
    if (
        version is not None
        and version.state == VersionState.DRAFT
        and version.based_on_id is not None
    ):
        raise FixtureError(
            facts.file, "version", f"第 {facts.version} 版是滾動修正的草案，只能逐項修正"
        )
    rows = ledger.upsert(
        "版本",
        PlanVersion,
        versions,
        {
            facts.version: {"title": about.title, "level_names": about.level_names}
            if about is not None
            else {}
        },
        lambda number: {"plan": plan, "number": number, "state": about.state},
        audit=True,
    )
    return rows[facts.version], version is None
