"""Settings of the API: what it takes and gives, how often, and what its description says of itself.

A part of `config.settings`, which takes all of it in.
"""

from config.env import Env

env = Env()
DEPLOYMENT = env.str("DEPLOYMENT", default="development")

# Calls a minute: of an address, of a signed-in person or token; and files of open data.
API_RATES = {
    "anonymous": env.int("API_RATE_ANONYMOUS", default=300),
    "signed_in": env.int("API_RATE_SIGNED_IN", default=1200),
    "download": env.int("API_RATE_DOWNLOAD", default=60),
    # Of pages outside the API (LIMITED_PAGES), and reports of browsers.
    "search": env.int("RATE_SEARCH", default=60),
    "export": env.int("RATE_EXPORT", default=60),
    "sign_in": env.int("RATE_SIGN_IN", default=120),
    "csp_reports": env.int("RATE_CSP_REPORTS", default=20),
}
# Seconds for which browsers and a CDN may show a public answer without asking again.
PUBLIC_MAX_AGE = env.int("PUBLIC_MAX_AGE", default=60)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ministries.token_authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_THROTTLE_CLASSES": [
        "config.kit.throttle.AddressThrottle",
        "config.kit.throttle.PersonThrottle",
    ],
    # Proxies of ours in front, whose word on a caller's address counts.
    "NUM_PROXIES": env.int("TRUSTED_PROXIES", default=1 if DEPLOYMENT == "production" else 0),
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.kit.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["config.kit.api.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "config.kit.api.PageNumberPagination",
    "DEFAULT_SCHEMA_CLASS": "config.kit.schema.Schema",
    "EXCEPTION_HANDLER": "config.kit.api.exception_handler",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "國家科學技術發展計畫執行追蹤 API",
    "VERSION": "1",
    "DESCRIPTION": "The plan is public; reports are what the signed-in person may read, and for "
    "everybody else the accepted ones of released years. Years are given in both calendars (ROC "
    "111 is 2022) and taken in either; money is in 千元 (NT$ 1,000); dates are ISO, in "
    "Asia/Taipei. Lists come in pages (`page`, `page_size` up to 500) and refuse filters that "
    "they don't know. A write names in `If-Match` the `ETag` that it saw. Without signing in, send "
    "the `ETag` of an answer as `If-None-Match`: 304 says that nothing changed. Programs of people "
    "with an account bear a token (`Authorization: Bearer …`). Beyond so many calls a minute the "
    "answer is 429 with `Retry-After`. Open data as files: `/data/`, under the Open Government "
    "Data License, version 1.0 (https://data.gov.tw/license).",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "Light": "tracking.enums.Light",
        "ShownLight": "tracking.api.measures.SHOWN_LIGHTS",
        "Cause": "tracking.enums.Cause",
        "ReportStatus": "tracking.enums.Status",
        "FilingState": "tracking.enums.FilingState",
        "YearState": "tracking.enums.YearState",
        "VersionState": "plan.enums.VersionState",
        "SuccessionKind": "ministries.enums.SuccessionKind",
        "IndicatorKind": "plan.enums.IndicatorKind",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
