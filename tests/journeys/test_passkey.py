"""A passkey in a real browser: added, then asked for at the next sign-in. The browser plays the
device that holds it.
"""

import pytest

from ministries.models import AuditEvent
from tests.ministries.conftest import PASSWORD, people  # noqa: F401

pytestmark = pytest.mark.postgres


def test_a_passkey_is_added_and_asked_for(transactional_db, people, page, live, settings):  # noqa: F811
    settings.SECOND_FACTOR_FOR = ["reviewer"]
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )

    def sign_in() -> None:
        page.goto("/accounts/login/")
        page.get_by_label("電子郵件").fill(people.reviewer.email)
        page.get_by_label("密碼").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="登入").click()

    sign_in()
    page.get_by_role("heading", name="請先設定第二因素").wait_for()
    page.get_by_role("link", name="加一把通行金鑰").click()
    page.get_by_label("名稱").fill("辦公室電腦")
    page.get_by_role("button", name="加這把通行金鑰").click()
    page.get_by_role("heading", name="請現在記下這些救援碼").wait_for()
    page.get_by_role("link", name="記下來了").click()
    assert "辦公室電腦" in page.get_by_role("main").inner_text()

    page.get_by_role("button", name="登出", exact=True).first.click()
    sign_in()
    page.get_by_role("button", name="用通行金鑰登入").click()
    page.get_by_text("reviewer，你已登入。").wait_for()
    start = AuditEvent.objects.filter(verb="session.start").first()
    assert start.after == {"how": ["password", "webauthn"]}
