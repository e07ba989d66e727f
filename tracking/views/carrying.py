"""Last year's text brought into this year's empty fields, a section at a time."""

from tracking.models import ProgressReport

# Section → its fields that may say again what they said last year. Lights, dates and figures are
# found out anew each year.
CARRIED = {
    "work": ("work_done",),
    "lateness": ("cause", "sub_cause", "obstacle", "response", "others_must_act"),
    "benefit": ("benefit",),
    "next_year": ("next_steps",),
}


def carry(section: str, fields: dict, last: ProgressReport | None) -> list[str]:
    """Put last year's text into those of the section's `fields` that are empty; returns which."""
    brought = []
    for name in CARRIED.get(section, ()):
        old = getattr(last, name) if last else ""
        if old and name in fields and not fields[name]:
            fields[name] = old
            brought.append(name)
    return brought


def sections_to_carry(last: ProgressReport | None) -> set[str]:
    """Sections in which last year's report said something that can be brought over."""
    return {
        key for key, names in CARRIED.items() if last and any(getattr(last, name) for name in names)
    }
