"""Signing in and out, passwords and tokens: the few of allauth's pages that make sense here.

Nobody signs up, brings another address or signs in through somebody else's site, so those pages
of allauth have no address at all.
"""

from allauth.account import views
from django.urls import path, re_path

from ministries import token_views
from ministries.views import SignIn

urlpatterns = [
    path("login/", SignIn.as_view(), name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
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
