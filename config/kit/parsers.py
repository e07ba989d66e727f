"""How the API reads what is sent to it. Apart from `config.kit.api`, which the framework's views
come before.
"""

from rest_framework import exceptions, parsers


class JSONParser(parsers.JSONParser):
    """Refuses what is nested deeper than Python reads, as it does all that is not JSON."""

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise exceptions.ParseError from None
