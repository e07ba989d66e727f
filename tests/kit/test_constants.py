"""Constant texts are kept by language; whatever holds a variable is rendered each time."""

import pytest
from django.template import Context, Template
from django.utils.translation import activate, deactivate_all, override
from django.utils.translation import gettext_lazy as _
from django.utils.translation.template import templatize


def rendered(template: Template, language: str, **values: object) -> str:
    with override(language):
        return template.render(Context(values))


@pytest.mark.parametrize(
    "text",
    [
        '{% translate "總覽" %}',
        "{% blocktranslate %}總覽{% endblocktranslate %}",
    ],
)
def test_a_constant_follows_the_language(text):
    template = Template(text)
    for _time in range(2):
        assert rendered(template, "zh-hant") == "總覽"
        assert rendered(template, "en") == "Overview"


@pytest.mark.parametrize(
    "text",
    [
        "{% translate name %}",
        "{% translate name|default:'總覽' %}",
        "{% translate name as word %}{{ word }}",
        "{% blocktranslate %}{{ name }}{% endblocktranslate %}",
        "{% blocktranslate with it=name %}{{ it }}{% endblocktranslate %}",
    ],
)
def test_a_variable_is_never_kept(text):
    template = Template(text)
    assert rendered(template, "zh-hant", name="甲") == "甲"
    assert rendered(template, "zh-hant", name="乙") == "乙"


@pytest.mark.parametrize(
    "text",
    [
        '{% translate "總覽" as word %}[{{ word }}]',
        "{% blocktranslate asvar word %}總覽{% endblocktranslate %}[{{ word }}]",
    ],
)
def test_a_constant_can_still_be_put_aside(text):
    template = Template(text)
    for _time in range(2):
        assert rendered(template, "zh-hant") == "[總覽]"
        assert rendered(template, "en") == "[Overview]"


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_sentence_is_filled_in_as_django_does(language):
    text = "{% blocktranslate with it=name|upper %}{{ it }}{{ other }}{{ n }}100%{{ no }}"
    ours = Template(f"{text}{{% endblocktranslate %}}")
    # Loading the library brings Django's own tag back.
    djangos = Template(f"{{% load i18n %}}{text}{{% endblocktranslate %}}")
    for values in ({"name": "<a>", "other": "&", "n": 12345}, {"name": "b", "n": 1.5}):
        assert rendered(ours, language, **values) == rendered(djangos, language, **values)


def test_an_address_is_looked_up_once_and_variables_are_not():
    constant = Template('{% url "plan-tree" %} {% static "css/theme.css" %}')
    assert rendered(constant, "zh-hant") == rendered(constant, "en")
    assert rendered(constant, "en").startswith("/plan/ /static/css/theme")
    variable = Template("{% url name %}{% url 'measure' code %}{% url 'desk' as here %}{{ here }}")
    assert rendered(variable, "en", name="desk", code="1") == "/desk//plan/measures/1//desk/"
    assert rendered(variable, "en", name="plan-tree", code="2") == "/plan//plan/measures/2//desk/"


# --- as Django's own tags do ----------------------------------------------------------------------
def test_the_language_may_change_within_a_template():
    text = '{% translate "總覽" %}'
    template = Template(f"{text}{{% language 'en' %}}{text}{{% endlanguage %}}{text}")
    for _time in range(2):
        assert rendered(template, "zh-hant") == "總覽Overview總覽"


def test_without_a_language_the_text_itself_is_said():
    template = Template('{% translate "總覽" %}')
    with override("en"):
        assert template.render(Context()) == "Overview"
        deactivate_all()
        assert template.render(Context()) == "總覽"
        activate("en")
        assert template.render(Context()) == "Overview"


def test_a_lazy_text_follows_the_language():
    template = Template("{% translate word %}")
    word = _("總覽")
    assert rendered(template, "zh-hant", word=word) == "總覽"
    assert rendered(template, "en", word=word) == "Overview"


def test_noop_is_left_untranslated():
    assert rendered(Template('{% translate "總覽" noop %}'), "en") == "總覽"


@pytest.mark.parametrize(
    "text",
    [
        '{% translate "部會" context "page" %}',
        '{% blocktranslate context "page" %}部會{% endblocktranslate %}',
    ],
)
def test_a_context_chooses_among_meanings(text):
    template = Template(text)
    for _time in range(2):
        assert rendered(template, "en") == "Ministries"
        assert rendered(template, "zh-hant") == "部會"


def test_a_context_may_be_a_variable():
    template = Template('{% translate "部會" context where %}')
    assert rendered(template, "en", where="page") == "Ministries"
    assert rendered(template, "en", where="nowhere") == "部會"


def test_a_trimmed_block_is_looked_up_trimmed():
    template = Template("{% blocktranslate trimmed %}\n   總覽\n  {% endblocktranslate %}")
    assert rendered(template, "en") == "Overview"


@pytest.mark.parametrize("state", ["on", "off"])
def test_our_own_words_are_not_escaped_and_others_words_are(state):
    text = "{% translate '<b>&%' %}{% blocktranslate %}<i>&%{% endblocktranslate %}"
    text += "{% translate name %}"
    template = Template(f"{{% autoescape {state} %}}{text}{{% endautoescape %}}")
    name = "&lt;甲&gt;" if state == "on" else "<甲>"
    for _time in range(2):
        assert rendered(template, "zh-hant", name="<甲>") == f"<b>&%<i>&%{name}"


def test_texts_are_still_found_by_makemessages():
    found = templatize('{% translate "總覽" %}{% blocktranslate %}甲{% endblocktranslate %}')
    assert "gettext(u'總覽')" in found and "gettext(u'甲')" in found
