"""Saved views: the own ones in a list, a new one, and the way to the page that one keeps."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin
from reports import saved_pages
from reports.actions import saved_views as actions
from reports.forms.saved_views import NameForm, SaveForm
from reports.models import SavedView
from reports.rules import saved_views as rules


class OwnViews(RefusalMixin, ScopedMixin, View):
    """A person's own views; others' are not there."""

    model = SavedView

    def refused_url(self) -> str:
        return reverse("view-list")

    def list_page(self, renaming: SavedView | None = None, form: NameForm | None = None):
        """The list; `form` is a name that was refused, of the view that it was for."""
        rows = [
            {
                "view": view,
                "address": address,
                "url": self.request.build_absolute_uri(reverse("view", args=[view.token])),
                "form": form if view == renaming else NameForm(initial={"name": view.name}),
                "open": view == renaming,
            }
            for view in self.get_queryset()
            for address in [address_of(view)]
        ]
        context = {"rows": rows, "shared": sum(bool(row["view"].shared_at) for row in rows)}
        status = 422 if form else 200
        return render(self.request, "reports/saved_views.html", context, status=status)


class ViewList(OwnViews):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.list_page()


class ViewCreate(OwnViews):
    """`?address=` is the page to be kept; nothing is kept before it has a name."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rules.may_save(request.user).enforce()
        return self.show(SaveForm(initial={"address": request.GET.get("address", "")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SaveForm(request.POST)
        if form.is_valid():
            try:
                view = actions.save_view(**form.cleaned_data, by=request.user)
            except Invalid as refusal:
                form.mark(refusal.errors)
            else:
                messages.success(request, _("已釘選「%(name)s」。") % {"name": view.name})
                return redirect("view-list")
        return self.show(form, status=422)

    def show(self, form: SaveForm, status: int = 200) -> HttpResponse:
        """The form, or a sentence where the address can't be kept."""
        refused, address = "", None
        try:
            address = saved_pages.parse(form["address"].value() or "")
        except Invalid as refusal:
            refused, status = str(refusal), 422
        context = {"form": form, "address": address, "refused": refused}
        return render(self.request, "reports/saved_view_create.html", context, status=status)


class ViewOpen(ScopedMixin, View):
    """Leads to the page of a view: the owner, and everybody where it is shared. The page then asks
    for its own rights.
    """

    model = SavedView
    scope = "reached_by"
    public = True

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        view = self.get_queryset().filter(token=token).first()
        url = address_of(view).url if view else None
        if url is None:
            raise Http404
        answer = HttpResponseRedirect(url)
        add_never_cache_headers(answer)
        return answer


class ViewMove(OwnViews):
    """Rename, share, stop sharing or delete; by POST only."""

    def post(self, request: HttpRequest, token: str, verb: str) -> HttpResponse:
        moves = {
            "rename": self.rename,
            "share": self.share,
            "unshare": self.unshare,
            "delete": self.delete_view,
        }
        if verb not in moves:
            raise Http404
        return moves[verb](self.view)

    @cached_property
    def view(self) -> SavedView:
        found = self.get_queryset().filter(token=self.kwargs["token"]).first()
        if found is None:
            raise Http404
        return found

    def rename(self, view: SavedView) -> HttpResponse:
        form = NameForm(self.request.POST)
        if form.is_valid():
            try:
                actions.rename(view, form.cleaned_data["name"], by=self.request.user)
            except Invalid as refusal:
                form.mark(refusal.errors)
            else:
                return self.done(_("已改名。"))
        return self.list_page(view, form)

    def share(self, view: SavedView) -> HttpResponse:
        actions.share(view, by=self.request.user)
        return self.done(_("已分享「%(name)s」；有網址的人都打得開。") % {"name": view.name})

    def unshare(self, view: SavedView) -> HttpResponse:
        actions.unshare(view, by=self.request.user)
        return self.done(_("「%(name)s」不再分享；寄出去的網址失效了。") % {"name": view.name})

    def delete_view(self, view: SavedView) -> HttpResponse:
        actions.delete(view, by=self.request.user)
        return self.done(_("已刪除「%(name)s」。") % {"name": view.name})

    def done(self, sentence: str) -> HttpResponse:
        messages.success(self.request, sentence)
        return redirect("view-list")


def address_of(view: SavedView) -> saved_pages.Address:
    return saved_pages.Address(view.page, view.arguments, view.query)
