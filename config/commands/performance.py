"""docs/performance.md: where each bench puts its table, between two marks of its own."""

from pathlib import Path

from config.commands.environment import ROOT
from config.commands.problem import Problem

PERFORMANCE = ROOT / "docs" / "performance.md"


def keep(table: str, path: Path, begin: str, end: str) -> None:
    """Put the table between its marks, which the file must hold."""
    before, _begin, rest = path.read_text(encoding="utf-8").partition(begin)
    _old, found, after = rest.partition(end)
    if not found:
        raise Problem(f"{path.name} 裡沒有 {begin}。", f"{path.name} lacks {begin}.")
    path.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")
