"""{% translate %} and {% blocktranslate %} of a constant text, looked up once for each language.

A page says some seventy of them, and Django finds each anew by way of context and filters. These
take the place of its own tags everywhere (`builtins` in the settings); whatever holds a variable
is left to Django. Only our own words are kept, never anything of a person or a request.
"""

from django import template
from django.template.base import Node, Parser, Token, TokenType
from django.templatetags import i18n
from django.utils.translation import get_language

register = template.Library()


class _Constant(Node):
    def __init__(self, node: Node) -> None:
        self.node = node
        self.by_language: dict[str | None, str] = {}

    def render(self, context) -> str:
        language = get_language()
        if language not in self.by_language:
            self.by_language[language] = self.node.render(context)
        return self.by_language[language]


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
    constant = not (
        node.extra_context or node.countervar or node.asvar or node.message_context
    ) and all(part.token_type == TokenType.TEXT for part in node.singular)
    return _Constant(node) if constant else node
