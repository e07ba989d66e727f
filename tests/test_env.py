"""The environment is read strictly: one sentence that names the variable, and never a secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import Env, misspelled, variables


def read(monkeypatch, value: str):
    monkeypatch.setattr(Env, "ENVIRON", {"NAME": value})
    return Env()


@pytest.mark.parametrize(
    ("how", "value", "sentence"),
    [
        ("bool", "ture", "NAME is 'ture'; it is on or off (True, False)."),
        ("int", "many", "NAME is 'many'; it is a whole number."),
        ("int", "-1", "NAME is '-1'; it is a whole number from 0 on."),
        ("networks", "10.0.0.0/33", "NAME has '10.0.0.0/33'; it holds addresses and networks"),
        ("options", "[1]", "NAME is no JSON object."),
        ("options", "{", "NAME is no JSON object."),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(monkeypatch, how, value, sentence):
    env = read(monkeypatch, value)
    given = {"options": {}, "networks": {"default": []}}.get(how, {"default": None})
    with pytest.raises(ImproperlyConfigured) as refused:
        getattr(env, how)("NAME", **given)
    assert str(refused.value).startswith(sentence)


def test_one_of_a_few_words(monkeypatch):
    env = read(monkeypatch, "xml")
    with pytest.raises(ImproperlyConfigured, match=r"NAME is 'xml'; it is one of plain, json\."):
        env.one_of("NAME", ("plain", "json"), default="plain")
    assert env.one_of("OTHER", ("plain", "json"), default="plain") == "plain"


def test_some_of_a_few_words_and_a_count(monkeypatch):
    env = read(monkeypatch, "expert,reviewers")
    with pytest.raises(ImproperlyConfigured, match=r"NAME has 'reviewers'; it holds some of"):
        env.some_of("NAME", ("expert", "reviewer"), default=())
    assert env.some_of("OTHER", ("expert", "reviewer"), default=("reviewer",)) == ["reviewer"]
    with pytest.raises(ImproperlyConfigured, match="NAME is 0; it is a whole number from 1 on"):
        read(monkeypatch, "0").count("NAME", default=2)


@pytest.mark.parametrize(
    "value", ["secret@host:6379", "https://secret@host", "redis://", "redis://[::1"]
)
def test_an_address_of_another_kind_is_named_without_its_password(monkeypatch, value):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(monkeypatch, value).address("NAME", ("redis", "rediss"), default="")
    assert str(refused.value) == "NAME is no address that begins with redis:// or rediss://."
    for fine in ("redis://:secret@host:6379/0", ""):
        assert read(monkeypatch, fine).address("NAME", ("redis",), default="") == fine


@pytest.mark.parametrize(
    ("how", "value"),
    [
        ("db_url", "mysql://someone:secret@host/name"),
        ("db_url", "secret"),
        ("email_url", "secret"),
    ],
)
def test_a_server_that_cannot_be_read_is_named_without_its_password(monkeypatch, how, value):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(monkeypatch, value).server("NAME", how, "")
    assert "NAME can't be read" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("word", "on"), [("True", True), ("on", True), ("0", False), ("", False)])
def test_words_for_on_and_off(monkeypatch, word, on):
    assert read(monkeypatch, word).bool("NAME", default=not on) is on


def test_names_that_are_not_ours_are_pointed_out():
    assert {"SECRET_KEY", "CONN_MAX_AGE", "SECURE_HSTS_SECONDS", "LOG_FORMAT"} <= variables()
    assert misspelled(["ALOWED_HOSTS", "METRICS_TOKENS", "API_RATE_ANY", "PATH", "HOME"]) == [
        "ALOWED_HOSTS is not a setting; is ALLOWED_HOSTS meant?",
        "API_RATE_ANY is not a setting.",
        "METRICS_TOKENS is not a setting; is METRICS_TOKEN meant?",
    ]
    assert misspelled(variables()) == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WEB_WORKERS", "three", "WEB_WORKERS is 'three'; it is a whole number."),
        ("WEB_THREADS", "0", "WEB_THREADS is 0; it is a whole number from 1 on."),
    ],
)
def test_the_web_server_reads_as_strictly(tmp_path, name, value, sentence):
    done = subprocess.run(
        [sys.executable, "-c", "import config.web_server"],
        env={"PATH": os.environ["PATH"], name: value}, capture_output=True, text=True,
        cwd=Path(__file__).resolve().parents[1], check=False,
    )  # fmt: skip
    assert done.returncode != 0 and sentence in done.stderr
