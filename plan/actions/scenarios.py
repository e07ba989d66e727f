"""The verbs of a saved scenario: save and delete. It is not changed: another one is saved."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from ministries import audit
from ministries.models import User
from plan import money, rules
from plan.assumptions import assemble
from plan.models import Plan, Scenario
from plan.models.scenario import PARAMETERS


@transaction.atomic
def save(plan: Plan, *, name: str, note: str, by: User, **parameters) -> Scenario:
    """Keep the assumptions (`PARAMETERS`) under a name of one's own; Invalid by field."""
    rules.may_save_scenario(by).enforce()
    if set(parameters) != set(PARAMETERS):
        raise TypeError(f"not the parameters: {sorted(set(parameters) ^ set(PARAMETERS))}")
    row = Scenario(plan=plan, owner=by, name=name.strip(), note=note.strip(), **parameters)
    try:
        row.clean_fields(exclude=["owner"])
    except ValidationError as error:
        raise Invalid({key: list(texts) for key, texts in error.message_dict.items()}) from error
    lines = money.read(plan)
    assemble(row.parameters, lines.budgets, lines.gdp, lines.planned)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Invalid({"name": [_("你已經有同名的情境，換一個名稱。")]}) from error
    audit.record("scenario.save", row, by=by, after=_told(row))
    return row


@transaction.atomic
def delete(scenario: Scenario, *, by: User) -> None:
    """Remove a scenario; its address leads nowhere from then on."""
    row = Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
    rules.may_delete_scenario(row, by).enforce()
    audit.record("scenario.delete", row, by=by, before=_told(row))
    row.delete()


def _told(row: Scenario) -> dict:
    return {"name": row.name, "note": row.note, **row.parameters}
