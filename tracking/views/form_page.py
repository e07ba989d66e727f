"""What the template of the form wants: errors at their sections, lights, the table of money."""

from django.utils.translation import gettext as _

from tracking import parts
from tracking.enums import Part
from tracking.forms.money import MoneyRows
from tracking.forms.report import LIGHT_MEANING, EvidenceForm, ReportForm
from tracking.views.sections import FIRST_SECTION_OF, KEY_OF_FIELD, Section, rate


def section_of(key: str) -> str:
    """Key of the section that shows a field or an error's key."""
    return KEY_OF_FIELD.get(key) or FIRST_SECTION_OF[parts.part_of(key)]


def collect(
    sections: dict[str, Section],
    form: ReportForm,
    money: MoneyRows | None,
    evidence: EvidenceForm,
) -> None:
    """Bring the errors of all forms to their sections, each with the anchor of its field."""
    for bound in form:
        section = sections[section_of(bound.name)]
        group = bound.field.widget.use_fieldset
        anchor = f"{bound.auto_id}_group" if group else bound.id_for_label
        label = "" if section.part == Part.INDICATORS else f"{bound.label}　"
        section.problems += [(anchor, f"{label}{error}") for error in bound.errors]
    for row in money or []:
        for bound in row:
            sections["money"].problems += [(bound.id_for_label, error) for error in bound.errors]
    for bound in evidence:
        sections["evidence"].problems += [(bound.id_for_label, error) for error in bound.errors]
    sections["evidence"].problems += [("s8", error) for error in evidence.non_field_errors()]


def light_options(form: ReportForm) -> list[dict]:
    chosen = form["light"].value()
    return [
        {
            "value": light.value,
            "id": f"id_light_{place}",
            "checked": light == chosen,
            "meaning": LIGHT_MEANING[light],
        }
        for place, light in enumerate(LIGHT_MEANING)
    ]


def money_table(money: MoneyRows) -> list[dict]:
    """Rows with last year's line and this year's rate, as far as the numbers can be read."""
    table = []
    for row in money:
        given = row.cleaned_data if row.is_bound else row.initial
        table.append(
            {
                "form": row,
                "last": row.last,
                "rate": rate(given.get("allocated_thousand"), given.get("spent_thousand")),
                "errors": [error for errors in row.errors.values() for error in errors],
            }
        )
    return table


def refused_title(do: str) -> str:
    """What the pressed button could not do; "" where that was to submit."""
    return {"submit": "", "evidence": _("佐證還沒有加入")}.get(do, _("還不能儲存"))
