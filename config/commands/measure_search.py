"""What ./bench search does inside Django: fills the world of the search and asks it.

Prints one line of JSON: {"machine", "day", "reports", "times", "rows": [{"who", "words", "times",
"cpu_times", "queries"}]}. Times are milliseconds of server time, as in `measure`.
"""

import json
import sys
from collections.abc import Mapping
from urllib.parse import quote

import django
from django.conf import settings
from django.db import connection
from django.utils import timezone

from config.commands.environment import speak_utf8
from config.commands.measure import EMPTY, Page, machine, measure, tidy


def main() -> int:
    """`measure_search TIMES`."""
    speak_utf8()
    django.setup()
    from tracking.demo import search_world

    settings.ROOT_URLCONF = "config.commands.measure_urls"
    # As in production, where a connection is kept: PostgreSQL keeps what it has prepared.
    connection.settings_dict["CONN_MAX_AGE"] = None
    search_world.fill()
    tidy()
    readers = {who: user.email for who, user in search_world.readers().items()}
    words = {
        "rare": search_world.RARE,
        "common": search_world.COMMON,
        "phrase": search_world.PHRASE,
    }
    told = asked(questions({"public": "", **readers}, words), int(sys.argv[1]))
    print(json.dumps(told | {"reports": search_world.REPORTS}, ensure_ascii=False))
    return 0


def questions(readers: Mapping[str, str], words: Mapping[str, str]) -> list[Page]:
    """Each reader, by e-mail, with each of the words."""
    return [
        Page(f"{who}, {kind}", f"/search/?q={quote(text)}", email)
        for who, email in readers.items()
        for kind, text in words.items()
    ]


def asked(pages: list[Page], times: int) -> dict:
    measure([Page(EMPTY, "/bench/empty/", pages[-1].user), *pages], times)
    rows = []
    for page in pages:
        who, words = page.name.split(", ")
        rows.append(
            {
                "who": who,
                "words": words,
                "times": page.times,
                "cpu_times": page.cpu_times,
                "queries": len(page.queries),
            }
        )
    return {
        "machine": machine(),
        "day": str(timezone.localdate()),
        "times": times,
        "rows": rows,
    }


if __name__ == "__main__":
    sys.exit(main())
