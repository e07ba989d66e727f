"""Reads a plan's facts: a folder of `fixtures/`, or one file (YAML, or the JSON of export_plan)."""

from pathlib import Path

from plan.fixture_files.entry import Entry, FixtureError, parse
from plan.fixture_files.facts import (
    AboutFact,
    BodyFact,
    GoalFact,
    MeasureFact,
    MinistryFact,
    ParticipantFact,
    PlanFacts,
    StrategyFact,
    SubGoalFact,
    SuccessionFact,
)
from plan.fixture_files.tables import TableReader

FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures"
DEFAULT = "nstp-110-113"
_PARTS = ("plan.yaml", "tree.yaml", "bodies.yaml")
_STATES = ("draft", "approved")
_KINDS = ("renamed", "merged", "split", "partial_transfer")
_CLAIM = ("goals", "sub_goals", "strategies", "measures", "units")
_LEVELS = ("goal", "sub_goal", "strategy", "measure")
_LAST_ROC_YEAR = 200


def read(source: Path | None = None) -> PlanFacts:
    """Facts of a folder or a file; without a source those of `fixtures/`.

    A file that belongs to a folder (its plan.yaml, tree.yaml or bodies.yaml) stands for the folder.
    """
    if source is None:
        return read_folder(FIXTURES / DEFAULT)
    if source.is_dir():
        return read_folder(source)
    if source.name in _PARTS and (source.parent / _PARTS[0]).is_file():
        return read_folder(source.parent)
    return read_text(str(source), _content(source))


def read_text(file: str, text: str) -> PlanFacts:
    """Facts of one file: ``plan`` (slug), ``version`` and ``goals``, as export_plan prints them.

    A plan that is not loaded yet and has no folder in `fixtures/` must also bring name, start_year,
    end_year, title, level_names and claim. ``file`` tells the format by its ending.
    """
    top = parse(file, text).only(
        "plan", "version", "goals", *_ABOUT, "title", "state", "level_names", "claim"
    )
    about = _about(top, top) if top.has("name") else None
    return PlanFacts(
        file, top.slug("plan"), top.number("version", least=1), _goals(top, full=False), about
    )


def read_companion(slug: str) -> PlanFacts | None:
    """Facts of the folder in `fixtures/` that has this slug, if there is one."""
    if slug in [folder.name for folder in FIXTURES.iterdir() if folder.is_dir()]:
        return read_folder(FIXTURES / slug)
    return None


def read_folder(folder: Path) -> PlanFacts:
    """Facts of a folder: plan.yaml, tree.yaml, bodies.yaml and tables/, with ministries.yaml and
    successions.yaml beside the folder (those of `fixtures/` where it has none beside it).
    """
    tables = [
        TableReader(_file(path)).read() for path in sorted((folder / "tables").glob("*.yaml"))
    ]
    about = _file(folder / "plan.yaml").only("slug", "version", *_ABOUT, "level_names", "claim")
    version = about.entry("version").only("number", "title", "state")
    bodies = _file(folder / "bodies.yaml").only("participants", "objectives")
    shared = folder.parent if (folder.parent / "ministries.yaml").is_file() else FIXTURES
    return PlanFacts(
        file=str(folder),
        slug=about.slug("slug"),
        version=version.number("number", least=1),
        goals=_goals(_file(folder / "tree.yaml").only("goals"), full=True),
        about=_about(about, version),
        ministries=_ministries(_file(shared / "ministries.yaml").only("ministries")),
        successions=_successions(_file(shared / "successions.yaml").only("successions")),
        participants=tuple(
            ParticipantFact(
                row.file,
                row.place,
                row.only("ministry", "counted", "note").text("ministry"),
                row.flag("counted", default=True),
                row.text("note", default=""),
            )
            for row in bodies.entries("participants")
        ),
        bodies=tuple(
            BodyFact(
                row.file,
                row.place,
                row.only("ministry", "name").text("ministry"),
                row.text("name", limit=80),
            )
            for row in bodies.entries("objectives")
        ),
        figures=tuple(figure for figures, _ in tables for figure in figures),
        series=tuple(one for _, series in tables for one in series),
    )


_ABOUT = ("name", "name_en", "start_year", "end_year")


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FixtureError(str(path), "", f"讀不到檔案（{error.strerror}）") from None
    except UnicodeDecodeError:
        raise FixtureError(str(path), "", "不是 UTF-8 文字檔") from None


def _file(path: Path) -> Entry:
    return parse(str(path), _content(path))


def _about(plan: Entry, version: Entry) -> AboutFact:
    claim = plan.entry("claim").only(*_CLAIM) if plan.has("claim") else None
    levels = plan.entry("level_names").only(*_LEVELS)
    return AboutFact(
        plan.file,
        plan.place,
        plan.text("name", limit=120),
        plan.text("name_en", default=""),
        plan.number("start_year", least=1, most=_LAST_ROC_YEAR),
        plan.number("end_year", least=1, most=_LAST_ROC_YEAR),
        version.text("title", limit=120),
        version.choice("state", _STATES, default="approved"),
        # A plan without sub-goals has no word for them.
        {
            level: levels.text(level)
            for level in _LEVELS
            if level != "sub_goal" or levels.has(level)
        },
        {level: claim.number(level) for level in _CLAIM} if claim else {},
    )


def _goals(top: Entry, *, full: bool) -> tuple[GoalFact, ...]:
    """The tree; in the ``full`` form a text that is not written means that there is none.

    A goal with strategies of its own, in a plan without sub-goals, gets an implicit one.
    """

    def said(entry: Entry, key: str, limit: int = 200) -> str | None:
        text = entry.optional_text(key, limit=limit)
        return "" if full and text is None else text

    def measure(row: Entry, strategy: Entry) -> MeasureFact:
        row.only("code", "name", "name_en", "leads", "partners")
        own = row if row.has("leads") or row.has("partners") else strategy
        return MeasureFact(
            row.file,
            row.place,
            row.code("code", limit=20),
            row.text("name"),
            said(row, "name_en", 300),
            own.texts("leads"),
            own.texts("partners"),
        )

    def strategy(row: Entry) -> StrategyFact:
        row.only(
            "code", "name", "name_en", "cell", "note", "uncertain", "leads", "partners", "measures"
        )
        return StrategyFact(
            row.file,
            row.place,
            row.code("code", limit=20),
            row.text("name"),
            said(row, "name_en", 300),
            row.text("cell", limit=300, default=""),
            said(row, "note"),
            said(row, "uncertain", 300),
            row.texts("leads"),
            row.texts("partners"),
            tuple(measure(below, row) for below in row.entries("measures")),
        )

    def sub_goal(row: Entry) -> SubGoalFact:
        row.only("code", "name", "name_en", "implicit", "strategies")
        return SubGoalFact(
            row.file,
            row.place,
            row.code("code", limit=20),
            row.text("name"),
            said(row, "name_en", 300),
            row.flag("implicit", default=False) if full or row.has("implicit") else None,
            tuple(strategy(below) for below in row.entries("strategies")),
        )

    def goal(row: Entry) -> GoalFact:
        row.only("code", "name", "name_en", "sub_goals", "strategies")
        code, name, name_en = (
            row.code("code", limit=20),
            row.text("name"),
            said(row, "name_en", 300),
        )
        if row.has("strategies"):
            strategies = tuple(strategy(below) for below in row.entries("strategies"))
            below = (SubGoalFact(row.file, row.place, code, name, name_en, True, strategies),)
        else:
            below = tuple(sub_goal(below) for below in row.entries("sub_goals"))
        return GoalFact(row.file, row.place, code, name, name_en, below)

    return tuple(goal(row) for row in top.entries("goals"))


def _ministries(top: Entry) -> tuple[MinistryFact, ...]:
    return tuple(
        MinistryFact(
            row.file,
            row.place,
            row.only("code", "short_name", "full_name", "name_en", "since", "until").slug("code"),
            row.text("short_name", limit=40),
            row.text("full_name", limit=80),
            row.text("name_en", limit=160, default=""),
            row.day("since"),
            row.day("until"),
        )
        for row in top.entries("ministries")
    )


def _successions(top: Entry) -> tuple[SuccessionFact, ...]:
    facts = []
    for row in top.entries("successions"):
        row.only("predecessor", "successor", "on", "kind", "legal_basis", "note")
        day = row.day("on")
        if day is None:
            raise row.refuse("少了「on」")
        facts.append(
            SuccessionFact(
                row.file,
                row.place,
                row.text("predecessor", limit=50),
                row.text("successor", limit=50),
                day,
                row.choice("kind", _KINDS),
                row.text("legal_basis"),
                row.text("note", default=""),
            )
        )
    return tuple(facts)
