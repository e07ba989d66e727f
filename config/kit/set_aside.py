"""A form that was sent after its writer's session had ended: kept until they have signed in again.

The form carries to whom it was handed out and where (`holder`), signed: nobody can have the site
keep words that are not its own form's, and nobody else who signs in at the machine reads them.
"""

from django.core import signing
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, QueryDict

SALT = "config.set_aside"
SESSION_KEY = "set_aside"
# A form that was open longer than this is not kept for who is not signed in.
HOLDS_FOR = 24 * 60 * 60
MOST_BYTES = 64 * 1024
_OWN = ("csrfmiddlewaretoken", "holder", "do")


def holder(request: HttpRequest) -> str:
    """The value of the form's hidden input `holder`."""
    return hand_out(request.path, request.user.pk)


def hand_out(form: str | int, person: int) -> str:
    """Names, unforgeably, which form was handed out to whom."""
    return signing.dumps([form, person], salt=SALT)


def handed_out(request: HttpRequest) -> tuple[str | int, int] | None:
    """Form and person of the `holder` that was sent; None where there is none that counts."""
    try:
        form, person = signing.loads(request.POST.get("holder", ""), salt=SALT, max_age=HOLDS_FOR)
    except (BadSignature, ValueError, TypeError):
        return None
    return form, person


class KeepsTyped:
    """For the view of a long form, before the mixin that asks for a sign-in.

    `taken_back` is what its reader sent here signed out; it stands until they send the form again.
    """

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method == "POST" and request.user.is_authenticated:
            request.session.pop(SESSION_KEY, None)
        return super().dispatch(request, *args, **kwargs)

    def handle_no_permission(self) -> HttpResponse:
        if self.request.method == "POST":
            _set_aside(self.request)
        return super().handle_no_permission()

    def taken_back(self) -> QueryDict | None:
        aside = self.request.session.get(SESSION_KEY)
        if not aside or aside["person"] != self.request.user.pk:
            return None
        return QueryDict(aside["data"]) if aside["path"] == self.request.path else None


def _set_aside(request: HttpRequest) -> None:
    if not (found := handed_out(request)):
        return
    path, person = found
    data = request.POST.copy()
    for name in _OWN:
        data.pop(name, None)
    kept = data.urlencode()
    # Letters beyond ASCII take three bytes, each written as three characters.
    if path == request.path and len(kept) <= 3 * MOST_BYTES:
        request.session[SESSION_KEY] = {"path": path, "person": person, "data": kept}
