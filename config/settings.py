"""Settings from the environment. Embedded defaults need no server; production is checked at start.

Every variable is listed in docs/operations.md. DEPLOYMENT is `development` (default), `trial`
(what ./run starts) or `production`; `config.checks` refuses to start an unsafe production.
"""

from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.api_settings import *  # noqa: F403 - the settings of the API
from config.env import Env
from config.sign_in import *  # noqa: F403 - the settings of people
from config.sign_in import OIDC_PROVIDERS

BASE_DIR = Path(__file__).resolve().parent.parent
# As in pyproject.toml and CHANGELOG.md.
VERSION = "1.0.0"
env = Env()

DEPLOYMENT = env.str("DEPLOYMENT", default="development")
DEBUG = env.bool("DEBUG", default=DEPLOYMENT == "development")
DEFAULT_SECRET_KEY = "development-only-secret-that-production-refuses"
SECRET_KEY = env.str("SECRET_KEY", default=DEFAULT_SECRET_KEY)
# Those it replaced: what they signed counts, and what they sealed can be opened (ministries.seeds).
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.address("SITE_URL", ("http", "https"), default="http://localhost:8000")
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

INSTALLED_APPS = [
    "ministries.console",  # before Django's own, whose commands it replaces
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ministries.apps.AdministrationConfig",  # django.contrib.admin with our own site
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django_filters",
    "django_celery_results",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "config.kit",
    "ministries",
    "plan",
    "tracking",
    "reports",
]

MIDDLEWARE = [
    "config.kit.health.ProbesMiddleware",
    "config.kit.logs.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.kit.guard.HeadersMiddleware",
    "config.kit.encrypted.EncryptedApiMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "ministries.audit_source.AskedFromMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ministries.middleware.SignedInMiddleware",
    "ministries.audit_exports.ExportMiddleware",
    "ministries.shared_reads.SharedReadMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.kit.guard.GuardMiddleware",
    "config.kit.throttle.LimitedPagesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reports.context.page_frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "config.kit.templatetags.constants",  # takes the place of four of Django's tags
            ],
        },
    }
]

DATABASES = {
    "default": env.server("DATABASE_URL", "db_url", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers and one writer side by side; a write takes its lock at the start and waits for it,
    # so that no transaction fails half-way with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
        "PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A server that is gone must cost a request seconds, not minutes.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.address("REDIS_URL", ("redis", "rediss", "unix"), default="")
if REDIS_URL:
    # Without Redis pages and filing go on; see config.kit.caches.
    PATIENT = {
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
    CACHES = {
        "default": PATIENT | {"BACKEND": "config.kit.caches.RedisOrFiles"},
        "throttle": PATIENT
        | {"BACKEND": "config.kit.caches.RedisOrNothing", "KEY_PREFIX": "throttle"},
    }
else:
    # Rate limits on sign-in must be seen by every process of the machine.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache",
        },
        # Counting calls must cost less than answering them: each process for itself.
        "throttle": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "throttle",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        },
    }

# --- audit log ----------------------------------------------------------------------------------
# Days that an event is kept at least (prune_audit; config.checks refuses fewer than 180), and the
# key that signs checkpoints, with those it replaced. Without one SECRET_KEY signs, and nothing can
# be pruned.
AUDIT_KEEP_DAYS = env.int("AUDIT_KEEP_DAYS", default=1096)
AUDIT_KEY = env.str("AUDIT_KEY", default="")
AUDIT_KEY_FALLBACKS = env.list("AUDIT_KEY_FALLBACKS", default=[])

# --- language and time ------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", _("中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Taipei"
USE_I18N = True
USE_TZ = True

# --- static files, evidence, mail ---------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
MEDIA_ROOT = VAR_DIR / "evidence"
STORAGES = {
    # Evidence and documents.
    "default": {
        "BACKEND": env.str(
            "EVIDENCE_STORAGE", default="django.core.files.storage.FileSystemStorage"
        ),
        "OPTIONS": env.options("EVIDENCE_STORAGE_OPTIONS"),
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Nobody else has any business with our files.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Compress each file once, under its hashed name; source maps are for developers only.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "jpg", "gif", "webp", "zip", "woff2", "map"]
# Under it a backup is sealed (`manage.py backup --encrypt`) and opened again.
BACKUP_PASSPHRASE = env.str("BACKUP_PASSPHRASE", default="")
EVIDENCE_MAX_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A form with a file in it: the largest file, and what else the form says.
UPLOAD_MAX_BYTES = EVIDENCE_MAX_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE

vars().update(env.server("EMAIL_URL", "email_url", "filemail://"))
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="nstp@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Whom the accessibility statement names.
ACCESSIBILITY_CONTACT = env.str("ACCESSIBILITY_CONTACT", default="")

# --- background jobs --------------------------------------------------------------------------
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    # Queueing is tried once: by default a request would wait six seconds for a broker that is away,
    # and for ever for one that takes the connection and says nothing. A worker that waits for work
    # is answered every second.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0,
        "socket_connect_timeout": 2, "socket_timeout": 3,
    }  # fmt: skip
else:
    CELERY_BROKER_URL = "filesystem://localhost"
    # In and out are one folder on purpose: what the web process writes, the worker reads.
    BROKER_FOLDERS = {
        "data_folder_in": VAR_DIR / "broker" / "queue",
        "data_folder_out": VAR_DIR / "broker" / "queue",
        "processed_folder": VAR_DIR / "broker" / "processed",
        "control_folder": VAR_DIR / "broker" / "control",
    }
    for folder in BROKER_FOLDERS.values():
        folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        **{name: str(folder) for name, folder in BROKER_FOLDERS.items()},
        "store_processed": False,
        "polling_interval": 0.2,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_RESULT_BACKEND = "django-db"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TRACK_STARTED = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    # The outbox: what was not mailed right after the commit (broker away, worker killed) goes now.
    "deliver-waiting-notices": {"task": "tracking.tasks.deliver_waiting_notices", "schedule": 60},
    # What forms saved by themselves, as one entry of the audit log for each sitting.
    "log-idle-autosaves": {"task": "tracking.tasks.log_idle_autosaves", "schedule": 600},
    # Successions that were recorded for a later day.
    "follow-successions": {
        "task": "tracking.tasks.follow_successions",
        "schedule": crontab(minute=5, hour=0),
    },
    # Reminders of today's dates; asked again through the day, so that a machine that was off in the
    # morning makes it good. Nobody gets a second one.
    "send-reminders": {
        "task": "tracking.tasks.send_reminders",
        "schedule": crontab(minute=30, hour="8-17"),
    },
    # Where the chain of the audit log stands, signed.
    "checkpoint-audit": {"task": "ministries.tasks.checkpoint_audit", "schedule": 3600},
    "clear-sessions": {
        "task": "ministries.tasks.clear_sessions",
        "schedule": crontab(minute=20, hour=3),
    },
    "seal-second-factors": {
        "task": "ministries.tasks.seal_seeds",
        "schedule": crontab(minute=25, hour=3),
    },
    # Jobs whose worker died or whose message was lost.
    "restart-lost-jobs": {"task": "reports.tasks.restart_lost_jobs", "schedule": 60},
    # Beat asks, a worker answers: both are there. What was not answered in time says nothing.
    "worker-is-here": {
        "task": "config.kit.tasks.worker_is_here",
        "schedule": 60,
        "options": {"expires": 60},
    },
}

# --- review ---------------------------------------------------------------------------------------
# What a reviewer is shown as a flag, in per cent: texts with so much in common, an actual so far
# off the line of earlier years, and from which mean attainment on a light fits. No official ones
# exist.
FLAG_SAME_TEXT = env.int("FLAG_SAME_TEXT", default=90)
FLAG_TREND = env.int("FLAG_TREND", default=50)
FLAG_ON_TRACK_FROM = env.int("FLAG_ON_TRACK_FROM", default=80)
FLAG_BEHIND_FROM = env.int("FLAG_BEHIND_FROM", default=40)

# --- security -----------------------------------------------------------------------------------
# Hosts on a network of one's own, which database, broker, mail and files may be asked of without
# TLS; config.checks warns of others.
PLAIN_HOSTS = env.list("PLAIN_HOSTS", default=[])
CSP_REPORTS = "/csp-reports/"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        # The form that leads to an identity provider is sent on to it.
        "form-action": [
            SELF,
            *(
                f"{at.scheme}://{at.netloc}"
                for one in OIDC_PROVIDERS
                if (at := urlsplit(one["server_url"]))
            ),
        ],
        "frame-ancestors": [NONE],
        "report-uri": [CSP_REPORTS],
        "report-to": ["csp"],
    }
}
# On every answer that doesn't say otherwise (config.kit.guard).
SECURITY_HEADERS = {
    "Permissions-Policy": "accelerometer=(), autoplay=(), camera=(), display-capture=(), "
    "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), "
    "browsing-topics=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Reporting-Endpoints": f'csp="{CSP_REPORTS}"',
}
# Counted a minute by config.kit.throttle; what leaves as a file by `?format=` is an export too.
LIMITED_PAGES = {
    "search": "search",
    **dict.fromkeys(
        (
            "document", "documents", "evidence", "figures-csv", "figures-ods",
            "measure-indicators-csv", "measure-money-csv", "ministry-csv", "receipt-file",
            "resolution-evidence", "review-trace-csv", "review-trace-ods", "workbook-file",
        ),
        "export",
    ),
    **dict.fromkeys(
        (
            "account_login", "account_reauthenticate", "account_reset_password",
            "account_reset_password_from_key", "invitation", "mfa_authenticate", "receipt-verify",
        ),
        "sign_in",
    ),
}  # fmt: skip
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "config.kit.messages.MessageStorage"
MESSAGES_COOKIE_NAME = "messages"
# Scripts read the token from the page.
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
if DEPLOYMENT == "production":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # Browsers take a cookie of such a name from this very host alone, and by https.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    MESSAGES_COOKIE_NAME = "__Host-messages"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = ["^api/"]  # refused by EncryptedApiMiddleware
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# --- operations ---------------------------------------------------------------------------------
# Who may read /metrics and the details of /readyz: addresses and networks, or the token's bearer.
METRICS_ALLOWED = env.networks("METRICS_ALLOWED", default=["127.0.0.1", "::1"])
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# When /readyz says no: less room than so many megabytes in VAR_DIR, no worker for so many seconds.
READY_FREE_MB = env.int("READY_FREE_MB", default=500)
READY_WORKER_SECONDS = env.int("READY_WORKER_SECONDS", default=180)

IN_PRODUCTION = DEPLOYMENT == "production"
LOG_FORMAT = env.one_of(
    "LOG_FORMAT", ("plain", "json"), default="json" if IN_PRODUCTION else "plain"
)
LOG_LEVEL = env.one_of(
    "LOG_LEVEL",
    ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    default="INFO" if IN_PRODUCTION else "WARNING",
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "config.kit.log_lines.PlainFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "config.kit.log_lines.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # By default it mails and has a console of its own.
        "django": {"handlers": [], "propagate": True},
        # What it says of each job stands in the line of `nstp.jobs`.
        "celery.app.trace": {"level": "WARNING"},
    },
}
