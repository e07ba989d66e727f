"""The English catalogue is whole, says the same as the Chinese texts, and is compiled."""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from config.commands.translations import CATALOG, extract

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ["config", "ministries", "plan", "reports", "tracking", "templates"]
PLACEHOLDER = re.compile(r"%\((\w+)\)[-+ 0#]*\d*(?:\.\d+)?([a-z])|(%%)|(%[sd])|(\{\w*\})")
CHINESE = re.compile("[\u2e80-\u9fff\uff00-\uffef]")
# A language is listed under its own name.
# Examples that are Chinese themselves.
KEPT = {
    "中文",
    "表、圖或章的號碼，例如8、圖3、柒。",
    "例如衛福部。",
    "例如衛生福利部。",
    "空白隔開的幾個詞要同時出現。全形與半形、大寫與小寫、台與臺當作同一個字；其他符號照字面找。",
    "輸入兩個字以上，或一個編號，例如「半導體」、「人才 博士」、「1.2.3.4」。",
    "政府資料開放平臺「中華民國政府行政機關辦公日曆表」的CSV檔，一年一檔。先看會改變什麼，再決定要不要寫入。",
    "這不是官方的辦公日曆表：找不到「西元日期」與「是否放假」兩欄。",
    "填「是」或留空白。",
    "填「是」或「否」。",
}

Key = tuple[str | None, str]


@pytest.fixture(scope="module")
def catalog() -> polib.POFile:
    return polib.pofile(str(ROOT / CATALOG))


def keys(catalog: polib.POFile) -> dict[Key, bool]:
    """(context, text) of every entry, and whether it has a plural."""
    return {
        (entry.msgctxt, entry.msgid): bool(entry.msgid_plural)
        for entry in catalog
        if not entry.obsolete
    }


def pairs(catalog: polib.POFile) -> list[tuple[str, str]]:
    """Each Chinese text with each of its English ones."""
    return [
        (entry.msgid, text)
        for entry in catalog
        for text in (entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr])
    ]


def test_every_entry_has_a_settled_english_text(catalog):
    assert [entry.msgid for entry in catalog if not entry.translated()] == []
    assert [entry.msgid for entry in catalog if entry.obsolete] == []
    assert [chinese for chinese, english in pairs(catalog) if not english] == []


def test_every_text_of_the_tree_is_in_the_catalogue(catalog, tmp_path, monkeypatch):
    if not (shutil.which("xgettext") and shutil.which("msgmerge")):
        pytest.skip("gettext is not installed, so the texts of the tree cannot be extracted.")
    for name in SOURCES:
        ignored = shutil.ignore_patterns("migrations", "__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    (tmp_path / "locale").mkdir()
    monkeypatch.chdir(tmp_path)
    extract()
    found, known = keys(polib.pofile(str(tmp_path / CATALOG))), keys(catalog)
    assert [text for text in found if found[text] != known.get(text)] == []


def calls(tree: ast.AST) -> Iterator[Key]:
    """The (context, text) of every gettext call, those inside f-strings too."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
        match name.removesuffix("_lazy"), texts:
            case (("_" | "gettext" | "ngettext"), [str(text), *_]):
                yield None, text
            case (("pgettext" | "npgettext"), [str(context), str(text), *_]):
                yield context, text


def test_every_text_of_the_code_is_in_the_catalogue(catalog):
    """xgettext does not look into f-strings: a text there would stay Chinese without a word."""
    known = keys(catalog)
    missing = [
        (str(path.relative_to(ROOT)), key)
        for name in SOURCES
        for path in sorted((ROOT / name).rglob("*.py"))
        for key in calls(ast.parse(path.read_text()))
        if key not in known
    ]
    assert missing == []


def test_gettext_keeps_its_name():
    """xgettext knows `_` and the names of the functions, and passes over any other name."""
    renamed = [
        (str(path.relative_to(ROOT)), alias.asname)
        for name in SOURCES
        for path in sorted((ROOT / name).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname not in {None, "_"}
    ]
    assert renamed == []


def test_placeholders_are_the_same(catalog):
    differing = [
        (chinese, english)
        for chinese, english in pairs(catalog)
        if set(PLACEHOLDER.findall(chinese)) != set(PLACEHOLDER.findall(english))
    ]
    assert differing == []


def test_positional_placeholders_are_as_many(catalog):
    """{} and %s are filled in order: one more or less breaks the page."""
    positional = re.compile(r"\{\}|%[sd]")
    differing = [
        (chinese, english)
        for chinese, english in pairs(catalog)
        if len(positional.findall(chinese)) != len(positional.findall(english))
    ]
    assert differing == []


def test_english_texts_hold_no_chinese(catalog):
    assert [
        english
        for chinese, english in pairs(catalog)
        if chinese not in KEPT and CHINESE.search(english)
    ] == []


def test_the_compiled_file_is_that_of_the_catalogue(catalog):
    compiled = (ROOT / CATALOG).with_suffix(".mo").read_bytes()
    assert compiled == catalog.to_binary(), "Run `python -m config.commands.translations`."


def test_the_catalogue_names_nobody(catalog):
    assert not {"Last-Translator", "Language-Team", "POT-Creation-Date"} & set(catalog.metadata)
