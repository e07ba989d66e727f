"""What ./bench charts does in Chromium: opens one page again and again, each time as a stranger.

Time runs from the start of the navigation to the frame after the last chart was drawn. Bytes are
those that came over the wire, headers and figures included, as the browser's own network layer
counts them.
"""

import json
import shutil
import statistics
import sys
import time

import django
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from config.commands.environment import speak_utf8
from config.commands.problem import Problem

PAGE = "/plan/goals/3/?year=111"
CHARTS = "[data-chart-src]"
# Of the document's own clock, which begins with the navigation.
DRAWN = """() => new Promise((done) => {
  const look = () => {
    const boxes = [...document.querySelectorAll("[data-chart-src]")];
    const ready = boxes.length && boxes.every((box) => "chartDrawn" in box.dataset);
    if (ready) requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0));
    else requestAnimationFrame(look);
  };
  look();
})"""
ARGUMENTS = (
    "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WAIT_SECONDS = 60


def main() -> int:
    """`measure_charts ADDRESS TIMES` prints one line of JSON."""
    speak_utf8()
    django.setup()
    base, times = sys.argv[1], int(sys.argv[2])
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        state = _sign_in(browser, base)
        # The server's own first time is not the browser's.
        _open(browser, base, state)
        found = [_open(browser, base, state) for _ in range(times)]
        name = f"Chromium {browser.version}"
        browser.close()
    seconds = [one["seconds"] for one in found]
    told = {
        "page": PAGE,
        "charts": found[0]["charts"],
        "times": times,
        "median": statistics.median(seconds),
        "slowest": max(seconds),
        "kilobytes": max(one["bytes"] for one in found) / 1000,
        "requests": found[0]["requests"],
        "browser": name,
        "day": time.strftime("%Y-%m-%d"),
    }
    print(json.dumps(told, ensure_ascii=False))
    return 0


def _launch(playwright: Playwright) -> Browser:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise Problem("找不到 Chromium。", "Chromium was not found.")
    return playwright.chromium.launch(
        executable_path=path, chromium_sandbox=False, args=list(ARGUMENTS)
    )


def _sign_in(browser: Browser, base: str) -> dict:
    """Cookies of a reviewer."""
    from tracking.demo.people import DEMO_PASSWORD, address

    context = browser.new_context(base_url=base, locale="zh-TW")
    page = context.new_page()
    _wait_for(page, "/accounts/login/")
    page.locator("input[name=login]").fill(address("reviewer1"))
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登入").click()
    page.get_by_role("button", name="登出").wait_for()
    state = context.storage_state()
    context.close()
    return state


def _wait_for(page, url: str) -> None:
    """Until the server, which was started a moment ago, answers."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            page.goto(url)
            return
        except Error:  # nobody listens yet
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _open(browser: Browser, base: str, state: dict) -> dict:
    """One visit with an empty cache: seconds, bytes, requests, charts."""
    context = browser.new_context(base_url=base, locale="zh-TW", storage_state=state)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(PAGE, wait_until="commit")
    seconds = page.evaluate(DRAWN) / 1000
    page.wait_for_load_state("networkidle")
    charts = page.locator(CHARTS).count()
    context.close()
    return {"seconds": seconds, "bytes": sum(sizes), "requests": len(sizes), "charts": charts}


if __name__ == "__main__":
    sys.exit(main())
