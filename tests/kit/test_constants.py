"""Constant texts are kept by language; whatever holds a variable is rendered each time."""

import pytest
from django.template import Context, Template
from django.utils.translation import override


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
    for _ in range(2):
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


def test_a_constant_can_still_be_put_aside():
    template = Template('{% translate "總覽" as word %}[{{ word }}]')
    assert rendered(template, "zh-hant") == "[總覽]"
