"""{% translate %} and {% blocktranslate %}, whose words are looked up once for each language; and
{% url %} and {% static %} of a constant name, looked up once.

A page says some hundred of them, and Django finds each anew by way of context and filters. These
take the place of its own tags everywhere (`builtins` in the settings); plurals, meanings and what
is put aside are left to Django. Only our own words are kept, never anything of a person or a
request: what a sentence speaks of is filled in each time.
"""

from django import template
from django.template import Context, defaulttags
from django.template.base import Node, Parser, Token, TokenType, render_value_in_context
from django.templatetags import i18n
from django.templatetags.static import StaticNode
from django.utils.translation import get_language, gettext

register = template.Library()


def _language(context: Context) -> str | None:
    """The reader's, asked for once a page; no page changes it midway by `{% language %}`."""
    try:
        return context.language
    except AttributeError:
        context.language = get_language()
        return context.language


class _Constant(Node):
    def __init__(self, node: Node) -> None:
        self.node = node
        self.by_language: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = _language(context)
        if language not in self.by_language:
            self.by_language[language] = self.node.render(context)
        return self.by_language[language]


class _Sentence(Node):
    """A text of ours around variables, which are filled in as Django does."""

    def __init__(self, node: i18n.BlockTranslateNode) -> None:
        self.node = node
        self.said, self.names = node.render_token_list(node.singular)
        self.by_language: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = _language(context)
        if language not in self.by_language:
            self.by_language[language] = gettext(self.said)
        given = {name: value.resolve(context) for name, value in self.node.extra_context.items()}
        unknown = context.template.engine.string_if_invalid
        values = {}
        for name in self.names:
            value = given[name] if name in given else context.get(name, unknown)
            # Nothing about a whole number depends on language or escaping.
            whole = type(value) is int
            values[name] = value if whole else render_value_in_context(value, context)
        return self.by_language[language] % values


class _Address(Node):
    """The same in every request; escaped or not, as its template is."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.by_escaping: dict[bool, str] = {}

    def render(self, context: Context) -> str:
        if context.autoescape not in self.by_escaping:
            self.by_escaping[context.autoescape] = self.node.render(context)
        return self.by_escaping[context.autoescape]


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    node = i18n.do_translate(parser, token)
    said = node.filter_expression
    context = node.message_context
    constant = (
        said.var.literal is not None
        and not said.filters
        and not node.asvar
        and (context is None or (isinstance(context.var, str) and not context.filters))
    )
    return _Constant(node) if constant else node


@register.tag
def blocktranslate(parser: Parser, token: Token) -> Node:
    node = i18n.do_block_translate(parser, token)
    if node.countervar or node.asvar or node.message_context:
        return node
    if node.extra_context or any(part.token_type != TokenType.TEXT for part in node.singular):
        return _Sentence(node)
    return _Constant(node)


@register.tag
def url(parser: Parser, token: Token) -> Node:
    node = defaulttags.url(parser, token)
    name = node.view_name.var
    # What a name of a namespace means may depend on the page that says it.
    constant = isinstance(name, str) and ":" not in name and not node.view_name.filters
    return _Address(node) if constant and not (node.args or node.kwargs or node.asvar) else node


@register.tag
def static(parser: Parser, token: Token) -> Node:
    node = StaticNode.handle_token(parser, token)
    constant = isinstance(node.path.var, str) and not (node.path.filters or node.varname)
    return _Address(node) if constant else node
