"""Brings locale/ up to date with the tree: `python -m config.commands.translations`.

Extracts the texts, keeps the English ones that still fit, writes django.po without dates and
names, so that it changes only where a text does, and compiles django.mo beside it. It prints what
still wants an English text and then exits with 1. Needs gettext (xgettext, msgmerge).
"""

import os
import sys
from pathlib import Path

import polib
from django.core.management import call_command
from django.core.management.commands.makemessages import Command

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Path("locale", "en", "LC_MESSAGES", "django.po")
# What holds no text of the site, or texts of others.
IGNORED = [".venv", ".tools", "var", "tests", "commands", "static"]
HEADER = {
    "Project-Id-Version": "nstp-tracking",
    "Language": "en",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}


def extract() -> None:
    """Merge the texts of the tree in the working directory into its catalogue, made if missing."""
    call_command(Command(), locale=["en"], no_location=True, ignore_patterns=IGNORED, verbosity=0)


def tidy(path: Path) -> polib.POFile:
    """Write the catalogue with our header and without texts that are gone; compile it."""
    catalog = polib.pofile(str(path), wrapwidth=100)
    catalog.metadata, catalog.metadata_is_fuzzy, catalog.header = HEADER, False, ""
    for entry in catalog.obsolete_entries():
        catalog.remove(entry)
    catalog.save()
    path.with_suffix(".mo").write_bytes(catalog.to_binary())
    return catalog


def main() -> int:
    os.chdir(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    extract()
    catalog = tidy(CATALOG)
    open_entries = catalog.untranslated_entries() + catalog.fuzzy_entries()
    for entry in open_entries:
        print(f"{'fuzzy' if entry.fuzzy else 'empty'}: {entry.msgid}")
    print(f"{len(catalog)} texts, {len(open_entries)} without a settled English text.")
    return bool(open_entries)


if __name__ == "__main__":
    sys.exit(main())
