"""Marks, numbers, dates, bars, cells and changed text as the pages show them."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.utils import translation

from config.kit import roc
from config.kit.templatetags import kit
from config.kit.textdiff import mark_changes
from tracking.enums import FilingState, Light, Status


def render(source: str, **context) -> str:
    return Template("{% load kit %}" + source).render(Context(context))


# --- ROC dates


def test_roc_dates():
    day = dt.date(2023, 2, 28)
    assert render("{{ d|roc_date }}", d=day) == "112-02-28"
    assert render("{{ d|roc_date_full }}", d=day) == "民國112年2月28日"
    assert render("[{{ d|roc_date }}{{ d|roc_date_full }}{{ d|roc_year }}]", d=None) == "[]"


def test_dates_of_a_sentence_stay_whole():
    page = Template("{% load kit %}{{ text|whole_dates }}").render(
        Context({"text": "<b>112-02-28截止，第1112-02-281號"})
    )
    assert page == '&lt;b&gt;<span class="nb">112-02-28</span>截止，第1112-02-281號'


def test_roc_datetime_is_local():
    at = dt.datetime(2023, 3, 14, 16, 30, tzinfo=dt.UTC)
    assert render("{{ at|roc_datetime }} {{ at|roc_date }}", at=at) == "112-03-15 00:30 112-03-15"


@pytest.mark.parametrize(("value", "year"), [(2021, 110), (110, 110), (dt.date(2021, 1, 1), 110)])
def test_roc_year(value, year):
    assert roc.roc_year(value) == year


@pytest.mark.parametrize(
    "text", ["112-02-28", "112/2/28", "112.2.28", "1120228", "民國112年2月28日", " 112年2月28日 "]
)
def test_parse_roc_date(text):
    assert roc.parse_date(text) == dt.date(2023, 2, 28)


@pytest.mark.parametrize("text", ["", "2023年", "112-13-01", "112-02-30", "二月"])
def test_parse_roc_date_refuses(text):
    with pytest.raises(ValueError):
        roc.parse_date(text)


# --- numbers: zero, unknown and a figure stay three different things


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1307, "1,307"), (Decimal("1105.20"), "1,105.2"), (Decimal("110000"), "110,000")],
)
def test_thousands(value, shown):
    assert kit.thousands(value) == shown


def test_zero_and_unknown_differ():
    zero, unknown = kit.thousands(0), kit.thousands(None)
    assert "–" in zero and ">0<" in zero
    assert "—" in unknown and "沒有資料" in unknown
    assert kit.percent(0) == "0%"
    assert kit.percent(None) == unknown


def test_percent_and_unit():
    assert kit.percent(Decimal("86.94")) == "86.9%"
    assert kit.percent(100) == "100%"
    assert kit.percent(Decimal("0.6400"), 2) == "0.64%"
    assert kit.nbsp_unit(12, "座") == "12\N{WORD JOINER}座"
    assert kit.nbsp_unit(2.1, "MB") == "2.1\N{NO-BREAK SPACE}MB"
    assert kit.nbsp_unit(1, "<b>") == "1\N{WORD JOINER}&lt;b&gt;"


# --- marks


def test_every_light_of_the_workflow_has_a_mark_with_its_word():
    assert list(kit.LIGHTS)[: len(Light.values)] == Light.values
    sprite = render_to_string("components/sprite.html")
    for code, (suffix, word) in kit.LIGHTS.items():
        html = kit.light(code)
        assert f"lt-{suffix}" in html and str(word) in html
        assert f'id="g-{suffix}"' in sprite
        if code in Light.values:
            assert str(word) == Light(code).label


def test_every_state_of_the_workflow_has_a_mark_with_its_word():
    sprite = render_to_string("components/sprite.html")
    for code in kit.STATES:
        assert f'id="s-{code}"' in sprite
    for state in [*Status, *FilingState]:
        assert str(state.label) in kit.state(state)


def test_light_without_value_is_unknown():
    assert "未知" in kit.light(None) and "未知" in kit.light("")
    assert "未齊" in kit.light("on_track", incomplete=True)


def test_unknown_codes_are_refused():
    with pytest.raises(KeyError):
        kit.light("green")
    with pytest.raises(KeyError):
        kit.state("lost")


def test_only_what_is_owed_can_be_overdue():
    assert "pm-overdue" in kit.state("draft", overdue=True)
    assert "草稿" in kit.state("draft", overdue=True)
    assert "pm-accepted" in kit.state("accepted", overdue=True)


def test_marks_follow_the_language():
    with translation.override("zh-hant"):
        chinese = kit.light("behind")
    with translation.override("en"):
        english = kit.light("behind")
    assert "落後" in chinese
    assert english == kit._light("en", "behind", False)


# --- bars and cells


def test_bar_lies_on_one_scale():
    html = kit.bar([("m-over", 5), ("m-ret", 0), ("m-ok", 20)], 50)
    assert 'class="m-over" x="0.000%" width="10.000%"' in html
    assert 'class="m-ok" x="10.000%" width="40.000%"' in html
    assert "m-ret" not in html
    assert "<rect" not in kit.bar([("m-ok", 1)], 0)


def test_units_put_the_worst_first_and_escape():
    cells = [("1.1", "甲<b>", "on_track"), ("1.2", "乙", "far_behind")]
    html = kit.units(cells, "/m/", "/?a=1&b=2")
    assert html.index("u-far") < html.index("u-on")
    assert 'href="/m/1.2/?a=1&amp;b=2"' in html
    assert "甲&lt;b&gt;：符合" in html
    assert html.count('tabindex="-1"') == 2
    assert "u-unknown" in kit.units([("1.3", "丙", None)], "/m/")


def test_matrix_cell():
    cell = kit.matrix_cell("overdue", 2, 6, lead=True, also=True, url="/x?a=1&b=2", label="經濟部")
    assert cell.startswith('<td class="c c-over r-lead also"><a href="/x?a=1&amp;b=2">逾2')
    assert "<small>/6</small>" in cell
    assert "<small>" not in kit.matrix_cell("accepted", 5, 5)
    assert "不適用" in kit.matrix_cell(None)
    for state in kit.CELLS:
        assert state in FilingState.values
        assert f"c-{kit.CELLS[state]}" in kit.matrix_key(state)


# --- changed text


def test_diff_marks_and_escapes_both_sides():
    old, new = mark_changes("盤點2處，建立資料庫。", "盤點3處，建立資料庫<完>。")
    assert old == "盤點<del>2</del>處，建立資料庫。"
    assert new == "盤點<ins>3</ins>處，建立資料庫<ins>&lt;完&gt;</ins>。"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "新的。"),
        ("舊的。", ""),
        ("同一句。", "同一句。"),
        ("甲乙丙丁，", "完全不同的一段話。"),
    ],
)
def test_diff_keeps_every_character(old, new):
    left, right = mark_changes(old, new)
    assert re.sub("</?del>", "", left) == old
    assert re.sub("</?ins>", "", right) == new


def test_diff_tag():
    html = render("{% diff a b as d %}{{ d.old }}|{{ d.new }}", a=None, b="新")
    assert html == "|<ins>新</ins>"


# --- components


class Sample(forms.Form):
    done = forms.CharField(label="做了什麼", help_text="先寫完成的事。", widget=forms.Textarea)
    light = forms.ChoiceField(label="燈號", choices=Light.choices, widget=forms.RadioSelect)
    cause = forms.ChoiceField(label="主因", choices=[("site", "場域")])
    agreed = forms.BooleanField(label="已確認")


FIELD = (
    '{% for field in form %}{% include "components/field.html" with field=field limit=limit %}'
    "{% endfor %}"
)


def test_fields_carry_label_hint_and_class():
    html = render(FIELD, form=Sample(), limit=2000)
    assert '<label for="id_done">做了什麼</label>' in html
    assert 'id="id_done_helptext"' in html and 'aria-describedby="id_done_helptext"' in html
    assert 'class="form-control"' in html and 'class="form-select"' in html
    assert "<legend>燈號</legend>" in html
    assert "style=" not in html


def test_errors_stand_at_the_field_and_in_the_summary():
    form = Sample(data={"done": ""})
    fields = render(FIELD, form=form)
    summary = render('{% include "components/error_summary.html" %}', form=form)
    assert 'id="id_done_error"' in fields and 'aria-invalid="true"' in fields
    assert 'href="#id_done"' in summary
    anchor = re.search(r'href="#(id_light[^"]*)"', summary).group(1)
    assert f'id="{anchor}"' in fields


@pytest.mark.django_db
def test_pagination_keeps_the_filters(rf):
    request = rf.get("/", {"year": "111"})
    request.user = AnonymousUser()
    page = Paginator(range(5), 2).page(2)
    html = render_to_string("components/pagination.html", {"page": page}, request)
    assert "?year=111&amp;page=3" in html
    assert 'aria-current="page"' in html


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_stand_without_any_context(name):
    html = get_template(name).render()
    assert "<h1" in html and "回到總覽" in html


INLINE = re.compile(r"\sstyle\s*=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=")


def test_templates_hold_no_inline_script_or_style():
    folder = Path(settings.BASE_DIR) / "templates"
    for path in folder.rglob("*.html"):
        # `{% if one == … %}` is a comparison, no handler.
        html = re.sub(r"{%.*?%}", "", path.read_text())
        assert not INLINE.search(html), path
