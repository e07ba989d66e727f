"""Base views that fail closed: who is signed in, whose rows are read, how a refusal is answered.

A page names its model; its rows are then what `visible_to(user)` leaves of it (house rule 1). A
model whose queryset has no such method cannot be shown at all.
"""

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpResponseRedirect

from config.kit.errors import NotAllowed, NotNow, Refused, StaleVersion


class SignedInMixin(LoginRequiredMixin):
    """For signed-in people only, unless the page says `public = True`."""

    public = False

    def dispatch(self, request, *args, **kwargs):
        if self.public:
            return super(LoginRequiredMixin, self).dispatch(request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)


class ScopedMixin(SignedInMixin):
    """Rows of `model` that this person may see; a row out of sight answers 404, as if it were
    not there. `scope` names the queryset method that decides.
    """

    model: type[models.Model]
    scope = "visible_to"

    def get_queryset(self) -> models.QuerySet:
        return getattr(self.model._default_manager.all(), self.scope)(self.request.user)

    def get_row(self) -> models.Model:
        """The row that the address names by its `pk`."""
        row = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404
        return row


class RefusalMixin:
    """Turns an action's refusal into an answer: 403 where the person may not; where it is not the
    time, or somebody else was faster, a message on the page that `refused_url` names.
    """

    def refused_url(self) -> str:
        raise NotImplementedError

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except (NotNow, StaleVersion) as refusal:
            return self.refuse(refusal)

    def refuse(self, refusal: Refused) -> HttpResponseRedirect:
        messages.error(self.request, str(refusal))
        return HttpResponseRedirect(self.refused_url())
