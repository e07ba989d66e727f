"""./run --story: each chapter is opened by a real sign-in, and the others move when asked to."""

import os
import subprocess
from pathlib import Path

import pytest

from config.commands import story
from config.commands.servers import free_port
from config.commands.story_plot import Chapter, Plot
from ministries.models import User
from tests.world import PASSWORD

ROOT = Path(__file__).resolve().parents[2]


def chapter(who: str, address: str, says: str, move=None) -> Chapter:
    return Chapter("看一看", who, lambda: address, ("一句話。",), lambda: says, "某人做某事", move)


@pytest.fixture
def somebody(world, monkeypatch) -> str:
    monkeypatch.setattr(story, "PASSWORD", PASSWORD)
    User.objects.create_user(email="somebody@demo.example", name="某人", password=PASSWORD)
    return "somebody"


@pytest.mark.django_db(transaction=True)
def test_each_page_is_read_as_whom_the_chapter_says(somebody, live_server, capsys):
    moved = []
    chapters = [
        chapter("", "/", "登入", lambda: moved.append(1)),
        chapter(somebody, "/notices-that-are-not-there/", "登入"),
        chapter(somebody, "/", "某人", lambda: moved.append(2)),
        chapter("", "/desk/", "登入"),
    ]
    assert story.check(chapters, live_server.url) == 1
    told = capsys.readouterr().out
    assert "回應 404" in told
    assert "1 段不符" in told
    assert moved == [1, 2]


def test_others_move_when_enter_is_pressed(monkeypatch, capsys):
    moved, pressed = [], iter(["", ""])

    def press(prompt: str) -> str:
        print(prompt)
        for key in pressed:
            return key
        raise EOFError

    monkeypatch.setattr("builtins.input", press)
    chapters = [chapter("", f"/{n}/", "", lambda n=n: moved.append(n)) for n in (1, 2, 3)]
    assert story.tell(chapters, "http://localhost:1") == 0
    assert moved == [1, 2]
    told = capsys.readouterr().out
    assert "http://localhost:1/3/" in told
    assert "按 Enter：某人做某事" in told


def test_the_story_begins_before_anything_has_happened():
    first, second = (chapter for chapter, _ in zip(Plot().chapters(), range(2), strict=False))
    assert (first.address(), first.who) == ("/", "")
    assert (second.address(), second.who) == ("/collation/years/", "collator")


@pytest.mark.deep
def test_the_whole_story_comes_true(tmp_path):
    foreign = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "DEBUG", "SECRET_KEY")
    env = {name: value for name, value in os.environ.items() if name not in foreign}
    env |= {"STATIC_ROOT": str(tmp_path / "static"), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        ["./run", "--story", "--yes", f"--port={free_port()}"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "每一段都照著說的發生。" in done.stdout
    assert "✗" not in done.stdout
    # Its data is gone with it.
    assert [path.name for path in tmp_path.iterdir()] == ["static"]
