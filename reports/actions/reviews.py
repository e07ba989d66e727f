"""The verbs of a review before it is filed: begin it, set it, change its rules, move it along."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotNow
from ministries import audit
from ministries.models import User
from plan.models import Plan
from reports import attainment, closing, freeze
from reports.actions import door
from reports.calculation import Family, checked_criteria, checked_rules
from reports.enums import ReviewVerb
from reports.models import Job, Opinion, Review, RuleChange
from reports.notices import reviews as notices_of_reviews
from reports.queries import reviews as queries
from reports.rules import reviews as rules
from reports.tasks import start_compiling
from reports.workflow import REVIEW_ROAD

# Those with a document number have their own actions in `reports.actions.filing`.
MOVES = frozenset(ReviewVerb) - {ReviewVerb.FILE, ReviewVerb.PUBLISH, ReviewVerb.WITHDRAW}


@transaction.atomic
def create_review(
    plan: Plan, *, kind: str, title: str, first_year: int, last_year: int, by: User
) -> Review:
    """Begin a review of these years, both included, with the usual rules and criteria.

    Refuses others than reviewers (NotAllowed); years outside of the plan, a second review of the
    same kind, or of the same name (Invalid).
    """
    rules.may_create(by).enforce()
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    review = Review(
        plan=plan, kind=kind, title=title.strip(), first_year=first_year, last_year=last_year
    )
    errors = _faults(review)
    if plan.reviews.filter(title=review.title).exists():
        errors.setdefault("title", [_("這個計畫已經有同名的評估。")])
    if not plan.start_year <= first_year <= last_year <= plan.end_year and not errors:
        errors["first_year"] = [
            _("年度要在計畫的%(first)s–%(last)s年裡，起始不晚於結束。")
            % {"first": plan.start_year, "last": plan.end_year}
        ]
    if errors:
        raise Invalid(errors)
    review.save()
    audit.record(
        "review.create",
        review,
        by=by,
        after={"kind": kind, "title": review.title, "years": [first_year, last_year]},
    )
    return review


@transaction.atomic
def change_settings(
    review: Review,
    *,
    title: str,
    opinions_open_before: bool,
    opinions_due_on: date | None,
    comments_due_on: date | None,
    criteria: Sequence[dict],
    seen_version: int,
    by: User,
) -> Review:
    """Change name, dates, the experts' questions and whether they see each other's opinions first.

    While ministries comment only the dates may still change. A criterion that an opinion that was
    handed in has scored can't be taken away. Refuses with NotAllowed, NotNow, StaleVersion and
    Invalid.
    """
    row = door.lock(review)
    rules.may_set_dates(row, by).enforce()
    door.compare(row, seen_version)
    given = {
        "title": title.strip(),
        "opinions_open_before": opinions_open_before,
        "opinions_due_on": opinions_due_on,
        "comments_due_on": comments_due_on,
        "criteria": checked_criteria(criteria),
    }
    before = {name: getattr(row, name) for name in given if getattr(row, name) != given[name]}
    if not before:
        return row
    if before.keys() - {"opinions_due_on", "comments_due_on"}:
        rules.may_change(row, by).enforce()
    gone = {one["key"] for one in row.criteria} - {one["key"] for one in given["criteria"]}
    if gone and _scored(row, gone):
        raise Invalid({"criteria": [_("已有專家送出這項準則的評分，不能刪去。")]})
    for name, value in given.items():
        setattr(row, name, value)
    if errors := _faults(row):
        raise Invalid(errors)
    after = {name: given[name] for name in before}
    return door.touch(row, "review.settings", by=by, before=before, after=after)


def _scored(review: Review, keys: set[str]) -> bool:
    handed_in = Opinion.objects.filter(seat__review=review, submitted_at__isnull=False)
    return any(keys & scores.keys() for scores in handed_in.values_list("scores", flat=True))


def _faults(review: Review) -> dict[str, list[str]]:
    try:
        review.full_clean(validate_constraints=True)
    except ValidationError as error:
        found = dict(error.message_dict)
        general = found.pop(NON_FIELD_ERRORS, [])
        return found | ({"kind": general} if general else {})
    return {}


# --- inputs ---------------------------------------------------------------------------------------
def request_compiling(review: Review, *, by: User) -> Job:
    """Queue the compilation as a job that can be watched; the one under way, if there is one.

    Refuses others than reviewers (NotAllowed) and a review that is no longer open (NotNow).
    """
    rules.may_change(review, by).enforce()
    return start_compiling(review, by=by)


# --- rules ----------------------------------------------------------------------------------------
def preview_rules(review: Review, given: dict) -> list[dict]:
    """What would stand differently under these rules: `attainment.differences` on the lines of the
    current edition, or of the live reports before the first. Writes nothing. Invalid as
    `change_rules`.
    """
    edition = queries.current_edition(review)
    if edition is None:
        found = freeze.gather(review)
        head, lines = found.head, found.lines
    else:
        head, lines = edition.head, list(edition.lines.order_by("ordinal"))
    wanted = checked_rules(given, families_of(head))
    return attainment.differences(
        attainment.standing(head, review.rules, lines), attainment.standing(head, wanted, lines)
    )


@transaction.atomic
def change_rules(
    review: Review, given: dict, *, reason: str, seen_version: int, by: User
) -> Review:
    """Set bands, threshold, points of lights and weights, and keep what they were and why.

    Editions keep the rules that they were compiled with; the next one takes these. Refuses others
    than reviewers (NotAllowed), a review that is no longer open (NotNow), a review that changed
    meanwhile (StaleVersion), rules that make no sense, no reason, or no difference (Invalid).
    """
    row = door.lock(review)
    rules.may_change(row, by).enforce()
    door.compare(row, seen_version)
    reason = door.written(reason, field="reason")
    edition = queries.current_edition(row)
    head = edition.head if edition else freeze.gather(row).head
    wanted = checked_rules(given, families_of(head))
    before = row.rules
    if wanted == before:
        raise Invalid({"rules": [_("規則和現在的一樣，沒有要改的。")]})
    RuleChange.objects.create(review=row, before=before, after=wanted, reason=reason, by=by)
    row.rules = wanted
    return door.touch(
        row,
        "review.rules",
        by=by,
        before={"rules": before},
        after={"rules": wanted, "reason": reason},
    )


def families_of(head: dict) -> list[Family]:
    """Each node of the tree with the codes beneath it to which a weight can be given. A sub-goal
    that the plan doesn't have itself is passed over: it bears its goal's code.
    """
    found = [("", [goal["code"] for goal in head["tree"]])]
    for goal in head["tree"]:
        own = [row["code"] for row in goal["sub_goals"] if not row["implicit"]]
        found.append((goal["code"], own))
        for sub_goal in goal["sub_goals"]:
            found.append((sub_goal["code"], [row["code"] for row in sub_goal["strategies"]]))
            found += [
                (row["code"], [measure["code"] for measure in row["measures"]])
                for row in sub_goal["strategies"]
            ]
    return found


# --- the road -------------------------------------------------------------------------------------
@transaction.atomic
def move(review: Review, verb: str, *, seen_version: int, by: User, note: str = "") -> Review:
    """Move the review one step along `REVIEW_ROAD`; approving copies what people said of it. Who
    comes next is told by mail.

    Refuses with NotAllowed, NotNow, StaleVersion, and Invalid where a reason is wanted.
    """
    verb = ReviewVerb(verb)
    if verb not in MOVES:
        raise NotNow(_("函送、公布與撤回在「函送」頁辦理。"))
    row = door.enter(review, verb, seen_version=seen_version, by=by)
    if REVIEW_ROAD[row.state, verb].note:
        note = door.written(note)
    edition = queries.current_edition(row)
    after = None
    if verb is ReviewVerb.APPROVE:
        edition.closing = closing.collect(edition)
        edition.save(update_fields=["closing"])
        after = {"content_digest": closing.content_digest(edition)}
    row = door.leave(row, verb, by=by, note=note.strip(), edition=edition, after=after)
    notices_of_reviews.moved(row, verb, by=by)
    return row
