"""Signing in and out, passwords, second factors, tokens: the few of allauth's pages that make sense
here.

Nobody signs up, brings another address or ties a stranger's account to theirs, so those pages of
allauth have no address at all.
"""

from allauth.account import views
from allauth.mfa.base import views as second_factor
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path

from ministries import identity_views, security_views, token_views
from ministries.sign_in_views import SignIn

urlpatterns = [
    path("login/", SignIn.as_view(), name="account_login"),
    path("login/second/", second_factor.authenticate, name="mfa_authenticate"),
    path("oidc/<slug:provider_id>/login/", identity_views.login, name="openid_connect_login"),
    path(
        "oidc/<slug:provider_id>/login/callback/",
        identity_views.callback,
        name="openid_connect_callback",
    ),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("confirm/", views.reauthenticate, name="account_reauthenticate"),
    # Named as allauth calls it: its pages lead back to it.
    path("security/", security_views.Security.as_view(), name="mfa_index"),
    path(
        "security/sessions/<int:pk>/end/",
        security_views.EndSession.as_view(),
        name="session-end",
    ),
    path(
        "security/sessions/end/",
        security_views.EndOtherSessions.as_view(),
        name="session-end-others",
    ),
    path("security/app/", app.activate_totp, name="mfa_activate_totp"),
    path("security/app/remove/", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("security/passkeys/new/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path(
        "security/passkeys/<int:pk>/remove/",
        security_views.RemovePasskey.as_view(),
        name="mfa_remove_webauthn",
    ),
    path("security/codes/", security_views.Codes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "security/codes/new/",
        security_views.NewCodes.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path("tokens/", token_views.TokenList.as_view(), name="token-list"),
    path("tokens/new/", token_views.CreateToken.as_view(), name="token-create"),
    path("tokens/<int:pk>/revoke/", token_views.RevokeToken.as_view(), name="token-revoke"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
