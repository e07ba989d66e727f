"""What a browser without scripts sees of a page's form: its fields as they would be posted."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside = action, False
        self.fields: dict[str, str] = {}
        self.textarea = self.select = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name, value = given.get("name"), given.get("value", "")
        if tag == "form":
            self.inside = given.get("action") == self.action
        if not self.inside:
            return
        if tag == "input" and name and given.get("type") not in ("submit", "file"):
            if given.get("type") not in ("radio", "checkbox"):
                self.fields[name] = value
            elif "checked" in given:
                self.fields[name] = value or "on"
        elif tag == "textarea" and name:
            self.textarea = name
            self.fields[name] = ""
        elif tag == "select" and name:
            self.select = name
            self.fields[name] = ""
        elif tag == "option" and self.select and "selected" in given:
            self.fields[self.select] = value

    def handle_data(self, data):
        if self.textarea:
            self.fields[self.textarea] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.textarea:
            # A browser drops the first line break of a textarea.
            self.fields[self.textarea] = self.fields[self.textarea].removeprefix("\n")
            self.textarea = ""
        elif tag == "select":
            self.select = ""
        elif tag == "form":
            self.inside = False


def fields(response, action: str) -> dict[str, str]:
    """Input name → value of the form that posts to `action`; empty where there is no such form."""
    parser = _Fields(action)
    parser.feed(response.content.decode())
    parser.fields.pop("csrfmiddlewaretoken", None)
    return parser.fields
