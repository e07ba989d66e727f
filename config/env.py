"""The environment, read strictly: a value of the wrong kind ends the start with one sentence that
names its variable, and a variable that looks like one of ours but isn't is pointed out.
"""

import difflib
import json
import os
import re
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ON = environ.Env.BOOLEAN_TRUE_STRINGS
OFF = ("false", "off", "n", "no", "0", "")
DATABASES = ("django.db.backends.postgresql", "django.db.backends.sqlite3")
# What begins like this is meant for us.
PREFIXES = (
    "API_RATE_", "AUDIT_", "BACKUP_", "EVIDENCE_", "FLAG_", "LOG_", "METRICS_", "OIDC_", "RATE_",
    "READY_", "SECURE_", "WEB_",
)  # fmt: skip
ALIKE = 0.85


class Env(environ.Env):
    """`environ.Env`, which lets `DEBUG=ture` pass as off."""

    def get_value(self, var, cast=None, default=environ.Env.NOTSET, parse_default=False):
        given = self.ENVIRON.get(var)
        if cast is bool and given is not None and given.strip().lower() not in (*ON, *OFF):
            raise ImproperlyConfigured(f"{var} is {given!r}; it is on or off (True, False).")
        try:
            value = super().get_value(var, cast, default, parse_default)
        except ValueError:
            kind = "a whole number" if cast is int else "written otherwise (docs/operations.md)"
            raise ImproperlyConfigured(f"{var} is {given!r}; it is {kind}.") from None
        if cast is int and given is not None and value < 0:
            raise ImproperlyConfigured(f"{var} is {given!r}; it is a whole number from 0 on.")
        return value

    def one_of(self, var: str, words: Sequence[str], default: str) -> str:
        """One of a few words."""
        value = self.str(var, default=default)
        if value not in words:
            raise ImproperlyConfigured(f"{var} is {value!r}; it is one of {', '.join(words)}.")
        return value

    def some_of(self, var: str, words: Sequence[str], default: Sequence[str]) -> list[str]:
        """A few of a few words, comma-separated."""
        written = self.list(var, default=list(default))
        if unknown := [one for one in written if one not in words]:
            raise ImproperlyConfigured(
                f"{var} has {unknown[0]!r}; it holds some of {', '.join(words)}."
            )
        return written

    def count(self, var: str, default: int) -> int:
        """A whole number from 1 on."""
        value = self.int(var, default=default)
        if value < 1:
            raise ImproperlyConfigured(f"{var} is {value}; it is a whole number from 1 on.")
        return value

    def address(self, var: str, schemes: Sequence[str], default: str) -> str:
        """An address of one of these schemes, or none; told without the value, which may have a
        password.
        """
        value = self.str(var, default=default)
        try:
            found = urlsplit(value)
            whole = found.scheme in schemes and bool(found.hostname or found.scheme == "unix")
        except ValueError:
            whole = False
        if value and not whole:
            begins = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ImproperlyConfigured(f"{var} is no address that begins with {begins}.")
        return value

    def networks(self, var: str, default: list[str]) -> list[str]:
        """Addresses and networks, comma-separated, as text."""
        written = self.list(var, default=default)
        for one in written:
            try:
                ip_network(one)
            except ValueError:
                raise ImproperlyConfigured(
                    f"{var} has {one!r}; it holds addresses and networks such as 10.0.0.0/24."
                ) from None
        return written

    def options(self, var: str) -> dict:
        """A JSON object; told without the value, which may have secrets."""
        try:
            found = json.loads(self.str(var, default="{}"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ImproperlyConfigured(f"{var} is no JSON object.")
        return found

    def identity_providers(self, var: str) -> list[dict[str, str]]:
        """A JSON list of OpenID Connect providers; told without the value, which has secrets."""
        needed = {"id", "name", "server_url", "client_id", "secret"}
        try:
            found = json.loads(self.str(var, default="[]"))
            whole = all(needed <= one.keys() <= needed | {"ministry"} for one in found)
        except (AttributeError, TypeError, ValueError):
            whole = False
        if not whole or not all(re.fullmatch(r"[a-z0-9-]+", one["id"]) for one in found):
            raise ImproperlyConfigured(
                f"{var} is no JSON list of objects with {', '.join(sorted(needed))} "
                "(and ministry); id is of small letters, digits and hyphens."
            )
        return found

    def server(self, var: str, read: str, default: str) -> dict:
        """`db_url` or `email_url`; told without the value, which has a password."""
        try:
            found = getattr(self, read)(var, default=default)
            if read == "db_url" and found["ENGINE"] not in DATABASES:
                raise ValueError
            return found
        except Exception:
            raise ImproperlyConfigured(
                f"{var} can't be read; docs/operations.md shows how it looks."
            ) from None


def variables() -> frozenset[str]:
    """Every variable that the settings read, in whatever deployment."""
    files = ("settings.py", "api_settings.py", "sign_in.py", "web_server.py")
    text = "".join(Path(__file__).with_name(one).read_text(encoding="utf-8") for one in files)
    return frozenset(re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", text))


def misspelled(names: Sequence[str] | None = None) -> list[str]:
    """A sentence for each variable that nobody reads but that looks like one of ours."""
    known, found = variables(), []
    for name in sorted(os.environ if names is None else names):
        if name in known:
            continue
        alike = difflib.get_close_matches(name, known, n=1, cutoff=ALIKE)
        if alike:
            found.append(f"{name} is not a setting; is {alike[0]} meant?")
        elif name.startswith(PREFIXES):
            found.append(f"{name} is not a setting.")
    return found
