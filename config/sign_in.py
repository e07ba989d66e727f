"""Settings of people: who signs in how, for how long, and with what beside the password.

A part of `config.settings`, which takes all of it in.
"""

from config.env import Env

env = Env()
DEPLOYMENT = env.str("DEPLOYMENT", default="development")

AUTH_USER_MODEL = "ministries.User"
AUTHENTICATION_BACKENDS = ["ministries.signed_in.Backend"]
SESSION_ENGINE = "ministries.signed_in"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name", "unit")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "ministries.passwords.NotCommonAtHeartValidator"},
    {"NAME": "ministries.passwords.NotUsedLatelyValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "ministries.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# Accounts are made by a ministry's window, who vouches for the address.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {
    "login": "ministries.forms.LoginForm",
    "change_password": "ministries.forms.ChangePasswordForm",
    "reauthenticate": "ministries.forms.ReauthenticateForm",
    "reset_password": "ministries.forms.ResetPasswordForm",
    "reset_password_from_key": "ministries.forms.ResetPasswordKeyForm",
}
# Made of the account's own address alone: allauth's own would keep further ones.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
PASSWORD_RESET_TIMEOUT = 60 * 60
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Identity providers of ministries: JSON list of {"id", "name", "server_url", "client_id", "secret",
# "ministry"}. For which domains one may speak, an administrator says in the administration.
OIDC_PROVIDERS = env.identity_providers("OIDC_PROVIDERS")
SOCIALACCOUNT_ADAPTER = "ministries.identity.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": one["id"],
                "name": one["name"],
                "client_id": one["client_id"],
                "secret": one["secret"],
                "settings": {"server_url": one["server_url"]},
            }
            for one in OIDC_PROVIDERS
        ],
    }
}
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = False
# Failures are counted in the database (ministries.actions.attempts), not by allauth. A whole
# ministry may sign in from one address.
ACCOUNT_RATE_LIMITS = {
    "login_failed": None,
    "login": "120/m/ip",
    "change_password": "10/m/user",
}
# Who can't work without a second factor; production refuses to let off one of these three.
SECOND_FACTOR_ALWAYS = ("administrator", "reviewer", "collator")
SECOND_FACTOR_FOR = env.some_of(
    "SECOND_FACTOR_FOR", (*SECOND_FACTOR_ALWAYS, "expert"), default=SECOND_FACTOR_ALWAYS
)
MFA_ADAPTER = "ministries.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# One step of 30 seconds before and after: telephones are not all on time.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# The window vouches for the address.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Passkeys work on http://localhost while one tries things out.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEPLOYMENT != "production"
MFA_FORMS = {
    "authenticate": "ministries.second_factor.CodeForm",
    "authenticate_webauthn": "ministries.second_factor.PasskeyForm",
    "activate_totp": "ministries.second_factor.ActivateAppForm",
    "add_webauthn": "ministries.second_factor.AddPasskeyForm",
}
SESSION_COOKIE_AGE = 8 * 60 * 60
# Whoever does nothing for so long is signed out; what an open page asks by itself is no doing.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_IDLE_IGNORES = ("job-status", "report-presence")
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
