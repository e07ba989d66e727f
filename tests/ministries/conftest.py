"""Two bodies and their people, made by hand: this room knows no plan."""

from datetime import date
from types import SimpleNamespace

import pytest

from ministries.models import Ministry, User

LONG_AGO = date(2021, 1, 1)
PASSWORD = "correct-horse-battery"


def person(code: str, **roles) -> User:
    """A person with memberships {ministry: role} given as `member=[(ministry, role)]`."""
    user = User.objects.create_user(f"{code}@example.org", PASSWORD, name=code, unit="企劃處")
    for ministry, role in roles.get("member", []):
        user.memberships.create(ministry=ministry, role=role, since=LONG_AGO)
    for role in roles.get("system", []):
        user.role_grants.create(role=role, since=LONG_AGO)
    return user


@pytest.fixture
def people(db) -> SimpleNamespace:
    alpha = Ministry.objects.create(code="alpha", short_name="甲部", full_name="甲業務部")
    beta = Ministry.objects.create(code="beta", short_name="乙部", full_name="乙業務部")
    return SimpleNamespace(
        alpha=alpha,
        beta=beta,
        officer=person("officer", member=[(alpha, "officer")]),
        window=person("window", member=[(alpha, "window")]),
        viewer=person("viewer", member=[(alpha, "viewer")]),
        officer_b=person("officer.b", member=[(beta, "officer")]),
        window_b=person("window.b", member=[(beta, "window")]),
        reviewer=person("reviewer", system=["reviewer"]),
        administrator=person("admin", system=["administrator"]),
    )
