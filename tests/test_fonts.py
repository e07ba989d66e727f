"""Rare characters of names come from our own fonts on screen too, and from nowhere else."""

import re

from django.conf import settings

from config.kit import glyphs

THEME = settings.BASE_DIR / "static" / "css" / "theme.css"
FACES = {
    family: (url, ranges)
    for family, url, ranges in re.findall(
        r'@font-face \{.*?font-family: "([^"]+)"; src: url\("([^"]+)"\).*?unicode-range:([^;]+);',
        THEME.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
}


def codes(ranges: str) -> set[int]:
    found: set[int] = set()
    for one in ranges.split(","):
        first, _dash, last = one.strip().removeprefix("U+").partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


def families() -> dict[str, set[int]]:
    rare = map(chr, (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x2FA20)))
    found: dict[str, set[int]] = {}
    for char, family in glyphs.fallback_families(rare).items():
        found.setdefault(family, set()).add(ord(char))
    return found


def test_each_font_is_fetched_for_what_it_draws():
    drawn = families()
    assert set(FACES) == set(drawn)
    assert codes(FACES["TW-Sung"][1]) == drawn["TW-Sung"]
    # All of it lies in blocks that hold nothing but rare ideographs.
    asked = codes(FACES["TW-Sung-Ext-B"][1])
    assert drawn["TW-Sung-Ext-B"] <= asked
    assert min(asked) >= 0x20000


def test_the_fonts_stand_last_in_both_stacks_and_are_ours():
    text = THEME.read_text(encoding="utf-8")
    for stack in re.findall(r"--(?:sans|serif): ([^;]+);", text):
        assert stack.endswith('"TW-Sung", "TW-Sung-Ext-B"')
    for url, _ranges in FACES.values():
        assert (THEME.parent / url).resolve().is_file()
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert policy.get("font-src", policy["default-src"]) == ["'self'"]
