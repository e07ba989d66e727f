"""Receipts: to read and print, to download, and a public page that tells whether one is genuine."""

import json
from http import HTTPStatus

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views import View

from config.kit.views import ScopedMixin, SignedInMixin
from tracking import receipts
from tracking.forms.receipts import VerifyForm
from tracking.models import ProgressReport, Receipt, Submission
from tracking.receipt_pdf import receipt_pdf
from tracking.receipts import Finding

PAGE_SIZE = 50
WORDS = {
    Finding.SAME: _("相符：這是本系統發出的收據，存著的內容就是當時送出的內容。"),
    Finding.WITHDRAWN: _("收據是真的；但部會後來撤回了送出的內容，存著的不再是它。"),
    Finding.BROKEN: _("收據是真的；但存著的內容算出來的摘要值不一樣，請通知系統管理者。"),
    Finding.CHANGED: _("不符：號碼和摘要值對，檔案裡的其他文字和發出的收據不同。"),
    Finding.UNKNOWN: _("不符：沒有這個號碼和這個摘要值的收據。"),
}


class Receipts(ScopedMixin):
    """The receipt that the address names by its number; out of sight answers 404."""

    model = Receipt

    def get_queryset(self):
        people = ("signed_by", "on_behalf_of", "bulk", "ministry", "reporting_year__plan")
        return self.model.objects.visible_to(self.request.user).select_related(*people)

    def get_row(self) -> Receipt:
        row = self.get_queryset().filter(number=self.kwargs["number"]).first()
        if row is None:
            raise Http404
        return row


class ReceiptList(SignedInMixin, View):
    """The receipts that this person may see, newest first; the lines of a bulk stand in it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Receipt.objects.visible_to(request.user).filter(bulk=None)
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        return render(request, "tracking/receipt_list.html", {"page": page})


class ReceiptPage(Receipts, View):
    """The receipt as a page that prints."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        receipt = self.get_row()
        return render(request, "tracking/receipt.html", told(receipt))


class ReceiptFile(Receipts, View):
    """The receipt as a file: PDF to keep, plain text to read, JSON to verify.

    PDF and JSON of one report also hold what was sent, for those who may read it and while it
    stands; from the JSON its digest can be worked out anywhere.
    """

    def get(self, request: HttpRequest, number: str, suffix: str) -> HttpResponse:
        receipt = self.get_row()
        if suffix == "txt":
            text = render_to_string("tracking/receipt.txt", told(receipt))
            response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        elif suffix == "json":
            copy = self.sent(receipt)
            sent = {"sent": receipts.sent(receipt.content, copy)} if copy else {}
            content = receipt.content | sent
            text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
            response = HttpResponse(text, content_type="application/json")
        elif suffix == "pdf":
            says = WORDS[receipts.judge(receipt)]
            file = receipt_pdf(receipt, says=says, copy=self.sent(receipt))
            response = HttpResponse(file, content_type="application/pdf")
        else:
            raise Http404
        response["Content-Disposition"] = f'attachment; filename="{receipt.number}.{suffix}"'
        response["Cache-Control"] = "private, no-store"
        response.ministry = receipt.ministry  # for the audit log
        return response

    def sent(self, receipt: Receipt) -> Submission | None:
        """What was sent, while it stands and for those who may read it."""
        readable = ProgressReport.working.visible_to(self.request.user)
        if not readable.filter(pk=receipt.report_id).exists():
            return None
        return receipts.submissions_of([receipt]).get(receipt.pk)


class ReceiptVerify(SignedInMixin, View):
    """Does this receipt match what is stored? For everybody; tells nothing of the content."""

    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        names = ("number", "digest")
        initial = {name: request.GET.get(name, "") for name in names}
        return self.page(VerifyForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = VerifyForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        receipt = receipts.find(*form.given)
        finding = receipts.judge(receipt, form.cleaned_data["file"])
        return self.page(form, finding=finding, receipt=receipt)

    def page(self, form: VerifyForm, status: int = HTTPStatus.OK, **found) -> HttpResponse:
        if finding := found.get("finding"):
            found |= {"says": WORDS[finding], "genuine": finding is Finding.SAME}
        return render(self.request, "tracking/receipt_verify.html", {"form": form, **found},
                      status=status)  # fmt: skip


def told(receipt: Receipt) -> dict:
    """What page and text file write of a receipt."""
    finding = receipts.judge(receipt)
    lines = []
    if receipt.report_id is None:
        lines = receipt.lines.select_related("report").order_by("report__measure__position")
    return {
        "receipt": receipt,
        "said": receipt.content,
        "lines": lines,
        "says": WORDS[finding],
        "genuine": finding is Finding.SAME,
    }
