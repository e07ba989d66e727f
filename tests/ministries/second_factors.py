"""An app of codes for the tests: RFC 6238 written out, so that two programs must agree."""

import base64
import hmac
import time

from django.test import Client
from django.urls import reverse


def code_of(secret: str, ahead: int = 0) -> str:
    """Six digits of now; `ahead` steps of 30 seconds later."""
    step = int(time.time()) // 30 + ahead
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def set_up_app(browser: Client) -> tuple[str, list[str]]:
    """Set up an app in a browser that has just signed in: its secret, and the recovery codes."""
    page = reverse("mfa_activate_totp")
    secret = browser.get(page).context["form"].secret
    shown = browser.post(page, {"code": code_of(secret)}, follow=True)
    assert shown.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes"), shown.content
    return secret, shown.context["unused_codes"]


def second_step(browser: Client, code: str):
    return browser.post(reverse("mfa_authenticate"), {"code": code})
