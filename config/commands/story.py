"""./run --story: tells a filing year, chapter by chapter, and does the other people's moves.

The visitor opens what is printed, signs in as whom it says, and presses Enter to go on. With
`--yes` nobody is asked: each chapter is opened by a real sign-in, and must answer 200 and say what
it promises.
"""

import argparse
import http.cookiejar
import re
import sys
import urllib.error
import urllib.request
from urllib.parse import urlencode

import django

from config.commands.environment import say, speak_utf8

PASSWORD = "demo-nstp-110"
WAIT_SECONDS = 60


class Visitor:
    """Opens pages as different people, each signed in by the page that people use."""

    def __init__(self, site: str) -> None:
        self.site = site.rstrip("/")
        self._browsers: dict[str, urllib.request.OpenerDirector] = {}

    def read(self, who: str, address: str) -> str:
        """The page as this account sees it; raises OSError where it answers with an error."""
        if who not in self._browsers:
            self._browsers[who] = self._browser(who)
        return self._open(self._browsers[who], address)

    def _browser(self, who: str) -> urllib.request.OpenerDirector:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        # Straight to this machine, whatever proxy the environment names.
        browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
        if who:
            page = self._open(browser, "/accounts/login/")
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
            form = {"csrfmiddlewaretoken": token, "login": email(who), "password": PASSWORD}
            self._open(browser, "/accounts/login/", form)
        return browser

    def _open(self, browser, address: str, form: dict[str, str] | None = None) -> str:
        headers = {"Accept-Language": "zh-TW", "Referer": f"{self.site}/"}
        data = urlencode(form).encode() if form else None
        request = urllib.request.Request(self.site + address, data, headers)
        with browser.open(request, timeout=WAIT_SECONDS) as answer:
            return answer.read().decode()


def main() -> int:
    speak_utf8()
    parser = argparse.ArgumentParser(prog="config.commands.story")
    parser.add_argument("site")
    parser.add_argument("--yes", action="store_true")
    options = parser.parse_args()
    django.setup()
    from config.commands.story_plot import Plot

    chapters = Plot().chapters()
    return check(chapters, options.site) if options.yes else tell(chapters, options.site)


def tell(chapters, site: str) -> int:
    """Print a chapter, wait for Enter, let the others act, go on."""
    say("\n一個填報年度，大約十分鐘。每一段：打開網址、用那個帳號登入、看一看，再按 Enter。")
    say(f"示範帳號的密碼都是 {PASSWORD}。換帳號時先登出，或各開一個無痕視窗。\n")
    for number, chapter in enumerate(chapters, start=1):
        _print(number, chapter, site)
        try:
            input(f"  按 Enter：{chapter.next or '下一段'}… ")
        except EOFError:
            return 0
        if chapter.move:
            chapter.move()
    say("\n故事到這裡。系統還開著，可以自己走走；按 Ctrl-C 停止，這份資料就刪除。")
    return 0


def check(chapters, site: str) -> int:
    """Open every chapter as its reader; 1 where a page fails or does not say what it should."""
    visitor, wrong = Visitor(site), 0
    for number, chapter in enumerate(chapters, start=1):
        _print(number, chapter, site)
        address, promised = chapter.address(), chapter.says()
        try:
            page = visitor.read(chapter.who, address)
        except urllib.error.HTTPError as error:
            wrong += 1
            say(f"  ✗ 回應 {error.code}")
        else:
            wrong += promised not in page
            say(f"  {'✓' if promised in page else '✗'} {promised}")
        if chapter.move:
            say(f"  → {chapter.next}")
            chapter.move()
    say(f"\n{wrong} 段不符。" if wrong else "\n每一段都照著說的發生。")
    return 1 if wrong else 0


def _print(number: int, chapter, site: str) -> None:
    who = f"以 {email(chapter.who)} 登入" if chapter.who else "不必登入（已登入就先登出）"
    say(f"\n{number}. {chapter.title}\n  打開 {site.rstrip('/')}{chapter.address()}　{who}")
    for line in chapter.look:
        say(f"  ・{line}")


def email(who: str) -> str:
    return f"{who}@demo.example"


if __name__ == "__main__":
    sys.exit(main())
