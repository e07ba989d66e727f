"""What production refuses to start with: DEBUG, a known or weak secret, SQLite, demo people; and no
deployment starts under a name that isn't known.

The same findings stop `manage.py` (as system checks), the web server and the Celery processes.
"""

import logging
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.db import DatabaseError, connection

from config.env import misspelled

DEPLOYMENTS = ("development", "trial", "production")
# Django's own measure of a secret (security.W009), which is a warning there.
SECRET_KEY_SHORTEST = 50
SECRET_KEY_FEWEST = 5
# Half a year at least.
AUDIT_SHORTEST = 180
# Modes of PostgreSQL's driver that look at the server's certificate; by default it takes any, and
# goes on without TLS where the server has none.
CHECKED_MODES = ("verify-ca", "verify-full")
# A session's eight hours. With none at all nobody could sign in.
IDLE_LONGEST = 480

logger = logging.getLogger(__name__)


def unsafe_settings() -> list[str]:
    """A clause for each setting that production must not have; empty elsewhere.

    A deployment that is none of the three is refused as well: a slip in one word would switch off
    all that production is held to.
    """
    if settings.DEPLOYMENT not in DEPLOYMENTS:
        return [f"DEPLOYMENT is {settings.DEPLOYMENT!r}, none of {', '.join(DEPLOYMENTS)}"]
    if settings.DEPLOYMENT != "production":
        return []
    found = []
    if settings.AUDIT_KEEP_DAYS < AUDIT_SHORTEST:
        found.append(f"AUDIT_KEEP_DAYS is less than {AUDIT_SHORTEST}")
    if not 1 <= settings.SESSION_IDLE_MINUTES <= IDLE_LONGEST:
        found.append(f"SESSION_IDLE_MINUTES is not between 1 and {IDLE_LONGEST}")
    if settings.DEBUG:
        found.append("DEBUG is on")
    # A fallback signs sessions as well as the key itself does.
    keys = {"SECRET_KEY": settings.SECRET_KEY}
    for number, key in enumerate(settings.SECRET_KEY_FALLBACKS, start=1):
        keys[f"key {number} of SECRET_KEY_FALLBACKS"] = key
    for name, key in keys.items():
        if key == settings.DEFAULT_SECRET_KEY:
            found.append(f"{name} is the default")
        elif len(key) < SECRET_KEY_SHORTEST:
            found.append(f"{name} is shorter than {SECRET_KEY_SHORTEST} characters")
        elif len(set(key)) < SECRET_KEY_FEWEST:
            found.append(f"{name} has fewer than {SECRET_KEY_FEWEST} different characters")
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        found.append("the database is SQLite")
    if let_off := set(settings.SECOND_FACTOR_ALWAYS) - set(settings.SECOND_FACTOR_FOR):
        found.append(f"SECOND_FACTOR_FOR leaves out {', '.join(sorted(let_off))}")
    for one in settings.OIDC_PROVIDERS:
        if not one["server_url"].startswith("https://"):
            found.append(f"the identity provider {one['id']} is asked without https")
    return found


def plain_servers() -> list[str]:
    """A clause for each server elsewhere that is asked without TLS, or with TLS that takes any
    certificate. None for this machine and for the hosts of `PLAIN_HOSTS`.
    """
    found = []
    database = settings.DATABASES["default"]
    mode = database.get("OPTIONS", {}).get("sslmode")
    if database["ENGINE"].endswith("postgresql") and mode not in CHECKED_MODES:
        found += [("DATABASE_URL", host) for host in database["HOST"].split(",")]
    broker = urlsplit(settings.REDIS_URL)
    checked = parse_qs(broker.query).get("ssl_cert_reqs", ["required"])[0].lower()
    if broker.scheme != "rediss" or not checked.endswith("required"):
        found.append(("REDIS_URL", broker.hostname))
    by_smtp = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
    if by_smtp and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        found.append(("EMAIL_URL", settings.EMAIL_HOST))
    for value in settings.STORAGES["default"]["OPTIONS"].values():
        if str(value).startswith("http://"):
            found.append(("EVIDENCE_STORAGE_OPTIONS", urlsplit(value).hostname))
    return [
        f"{name} asks {host} without TLS, or takes any certificate"
        for name, host in found
        if host and host not in settings.PLAIN_HOSTS and not _is_here(host)
    ]


def _is_here(host: str) -> bool:
    """This machine, by its name, its own addresses, or a socket in a folder."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.startswith("/")


def storage_problem() -> str:
    """Why evidence can't be kept by the class and options that the settings name; "" where it can.
    Otherwise the first upload would tell.
    """
    try:
        storages["default"]
    except Exception as error:  # whatever a class of somebody else's raises
        return f"EVIDENCE_STORAGE can't be used ({type(error).__name__}: {error})"
    return ""


def demo_people() -> list[str]:
    """A clause if production's database holds demo accounts, which have a well-known password.

    Raises DatabaseError where the database does not answer or has not been migrated.
    """
    if settings.DEPLOYMENT != "production":
        return []
    count = get_user_model().objects.filter(is_demo=True).count()
    return [f"{count} demo accounts are in the database"] if count else []


def enforce() -> None:
    """Raise ImproperlyConfigured, one sentence that names everything, unless it is safe to start.

    A database that can't be asked counts as unsafe. The connection is closed again, since the
    web server forks afterwards.
    """
    for sentence in misspelled():
        logger.warning(sentence)
    if settings.DEPLOYMENT == "production":
        for clause in plain_servers():
            logger.warning("%s; see PLAIN_HOSTS in docs/operations.md.", clause)
    if problem := storage_problem():
        raise ImproperlyConfigured(f"{problem}.")
    found = unsafe_settings()
    if settings.DEPLOYMENT == "production":
        try:
            found += demo_people()
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            found.append(f"the database can't be asked about demo accounts ({reason})")
        finally:
            connection.close()
    if found:
        raise ImproperlyConfigured(f"Production does not start: {'; '.join(found)}.")


@checks.register(checks.Tags.security)
def check_settings(app_configs, **kwargs) -> list[checks.Error]:
    return [
        checks.Error(f"Production does not start: {clause}.", id="config.E001")
        for clause in unsafe_settings()
    ]


@checks.register()
def check_storage(app_configs, **kwargs) -> list[checks.Error]:
    problem = storage_problem()
    return [checks.Error(f"{problem}.", id="config.E003")] if problem else []


@checks.register()
def check_names(app_configs, **kwargs) -> list[checks.Warning]:
    """What looks like a setting in the environment and is none would have no effect."""
    return [checks.Warning(sentence, id="config.W001") for sentence in misspelled()]


@checks.register(checks.Tags.security, deploy=True)
def check_servers(app_configs, **kwargs) -> list[checks.Warning]:
    hint = "Ask it by TLS, or name the host in PLAIN_HOSTS if the network is yours alone."
    return [checks.Warning(f"{clause}.", hint=hint, id="config.W002") for clause in plain_servers()]


@checks.register(checks.Tags.database)
def check_demo_people(app_configs, databases=None, **kwargs) -> list[checks.Error]:
    """Runs where a database is named (`check --database default`, `migrate`)."""
    if not databases or settings.DEPLOYMENT != "production":
        return []
    if get_user_model()._meta.db_table not in connection.introspection.table_names():
        return []  # before the first migration there is nobody
    return [
        checks.Error(f"Production does not start: {clause}.", id="config.E002")
        for clause in demo_people()
    ]
