"""A mapping read from YAML or JSON that remembers where it stood, and refuses what is broken."""

import json
import re
import unicodedata
from collections.abc import Hashable, Iterable
from datetime import date
from pathlib import PurePath

import yaml

# What addresses of pages and of the API take.
_CODE = re.compile(r"[0-9A-Za-z.\-]+")
_SLUG = re.compile(r"[0-9A-Za-z_\-]+")


class FixtureError(ValueError):
    """A file that cannot be loaded: ``file``, ``place`` (line or code path) and ``reason``."""

    def __init__(self, file: str, place: str, reason: str):
        self.file, self.place, self.reason = file, place, reason
        super().__init__(f"{file}：{place}：{reason}" if place else f"{file}：{reason}")


class _Mapping(dict):
    """A mapping with the 1-based line on which it begins."""

    line: int | None = None


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML whose codes, dates and yes/no words stay the text that was written.

    Otherwise 1.10 would be read as the number 1.1, and the key ``on`` as true.
    """


_Loader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:int", "tag:yaml.org,2002:merge")
        or (tag == "tag:yaml.org,2002:bool" and letter in "tTfF")
    ]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _DuplicateKeyError(ValueError):
    def __init__(self, key: str, line: int | None):
        self.key, self.line = key, line
        super().__init__(key)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> _Mapping:
    mapping = _Mapping()
    mapping.line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, Hashable):
            raise yaml.MarkedYAMLError(
                problem="a key is not text", problem_mark=key_node.start_mark
            )
        if key in mapping:
            raise _DuplicateKeyError(str(key), key_node.start_mark.line + 1)
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _pairs(pairs: list[tuple[str, object]]) -> _Mapping:
    mapping = _Mapping()
    for key, value in pairs:
        if key in mapping:
            raise _DuplicateKeyError(key, None)
        mapping[key] = value
    return mapping


def parse(file: str, text: str) -> "Entry":
    """The top mapping of a YAML or JSON text; the ending of ``file`` tells which it is."""
    try:
        if PurePath(file).suffix.lower() == ".json":
            value = json.loads(text, object_pairs_hook=_pairs)
        else:
            value = yaml.load(text, _Loader)
    except json.JSONDecodeError as error:
        raise FixtureError(file, f"第 {error.lineno} 行", f"不是 JSON（{error.msg}）") from None
    except _DuplicateKeyError as error:
        place = f"第 {error.line} 行" if error.line else ""
        raise FixtureError(file, place, f"「{error.key}」寫了兩次") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        place = f"第 {mark.line + 1} 行" if mark else ""
        raise FixtureError(file, place, f"不是 YAML（{reason}）") from None
    except (ValueError, RecursionError) as error:
        # Numbers without end and brackets in brackets: well formed, and not to be read.
        raise FixtureError(file, "最上層", f"讀不下去（{error}）") from None
    if not isinstance(value, dict):
        raise FixtureError(file, "第 1 行", "最上層應該是「鍵: 值」")
    return Entry(value, file, "")


def _unstorable(text: str) -> bool:
    """Whether it holds a control character or half of a character: databases refuse some of them,
    and no printed name has any.
    """
    return any(unicodedata.category(char) in ("Cc", "Cs") for char in text)


class Entry:
    """One mapping of a file, with typed reads that refuse by file, place and reason."""

    def __init__(self, values: dict, file: str, path: str):
        self._values, self.file, self.path = values, file, path

    @property
    def place(self) -> str:
        """Line where the format knows lines, and the code path."""
        line = getattr(self._values, "line", None)
        parts = [f"第 {line} 行"] if line else []
        return "，".join([*parts, self.path] if self.path else parts) or "最上層"

    def refuse(self, reason: str) -> FixtureError:
        return FixtureError(self.file, self.place, reason)

    def only(self, *keys: str) -> "Entry":
        """Itself, when it holds no other keys than these: a typing error must not pass."""
        if unknown := [str(key) for key in self._values if key not in keys]:
            raise self.refuse(f"不認得「{'」、「'.join(unknown)}」")
        return self

    def has(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str, *, limit: int = 200, default: str | None = None) -> str:
        """Text without blanks at its ends; required and not empty unless ``default`` is given."""
        value = self._values.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise self.refuse(f"「{key}」應該是文字" if key in self._values else f"少了「{key}」")
        value = value.strip()
        if not value and default is None:
            raise self.refuse(f"「{key}」是空的")
        if len(value) > limit:
            raise self.refuse(f"「{key}」超過 {limit} 個字")
        if _unstorable(value):
            raise self.refuse(f"「{key}」含有控制字元")
        return value

    def code(self, key: str, *, limit: int) -> str:
        """An official code; it stands in addresses, so letters, digits, dots and hyphens only."""
        return self._plain(key, limit, _CODE, "英文字母、數字、點與連字號")

    def slug(self, key: str, *, limit: int = 50) -> str:
        """The code of a plan or a ministry: letters, digits, hyphens and underscores only."""
        return self._plain(key, limit, _SLUG, "英文字母、數字、連字號與底線")

    def _plain(self, key: str, limit: int, pattern: re.Pattern, allowed: str) -> str:
        value = self.text(key, limit=limit)
        if not pattern.fullmatch(value):
            raise self.refuse(f"「{key}」只能有{allowed}")
        return value

    def optional_text(self, key: str, *, limit: int = 200) -> str | None:
        """Text, or None where the key is absent: then the loaded text is left as it is."""
        return self.text(key, limit=limit, default="") if self.has(key) else None

    def number(self, key: str, *, least: int = 0, most: int = 9999) -> int:
        value = self._values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.refuse(f"「{key}」應該是 {least} 到 {most} 的整數")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise self.refuse(f"「{key}」應該是 true 或 false")
        return value

    def day(self, key: str) -> date | None:
        value = self.text(key, default="")
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise self.refuse(f"「{key}」應該是 2021-01-31 這樣的日期") from None

    def choice(self, key: str, choices: Iterable[str], *, default: str | None = None) -> str:
        value = self.text(key, default=default)
        if value not in choices:
            raise self.refuse(f"「{key}」應該是 {'、'.join(choices)} 之一")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is absent."""
        values = self._values.get(key)
        if values is None:
            return ()
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.refuse(f"「{key}」應該是文字的清單")
        if any(_unstorable(value) for value in values):
            raise self.refuse(f"「{key}」含有控制字元")
        return tuple(value.strip() for value in values)

    def entry(self, key: str) -> "Entry":
        value = self._values.get(key)
        if not isinstance(value, dict):
            raise self.refuse(f"「{key}」應該是「鍵: 值」" if self.has(key) else f"少了「{key}」")
        return Entry(value, self.file, self._below(key))

    def entries(self, key: str) -> list["Entry"]:
        """A list of mappings. One with a ``code`` is called by it in refusals."""
        values = self._values.get(key)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.refuse(f"「{key}」應該是清單" if self.has(key) else f"少了「{key}」")
        return [
            Entry(value, self.file, str(value.get("code") or self._below(f"{key}[{position}]")))
            for position, value in enumerate(values)
        ]

    def mapping(self, key: str) -> dict[str, str]:
        """A mapping of texts to texts."""
        below = self.entry(key)
        return {name: below.text(name) for name in below._values}

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
