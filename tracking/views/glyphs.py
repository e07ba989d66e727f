"""Characters that no font of the documents draws are named while somebody types them."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import View

from config.kit.glyphs import missing_glyphs
from config.kit.views import SignedInMixin

# More different characters than any field can hold.
MOST = 2000


def lacking(text: str) -> str:
    """A sentence that names the characters of the text which documents can't draw; "" for none."""
    missing = missing_glyphs(text[:MOST])
    if not missing:
        return ""
    told = _("、").join(f"{char}（U+{ord(char):04X}）" for char in missing)
    return _("文件的字型沒有%(chars)s，文件裡會以碼位代替並列在最後一頁。") % {"chars": told}


class Glyphs(SignedInMixin, View):
    """`text` → the sentence, or nothing (204) where every character can be drawn."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        sentence = lacking(request.POST.get("text", ""))
        return HttpResponse(
            sentence, content_type="text/plain; charset=utf-8", status=200 if sentence else 204
        )
