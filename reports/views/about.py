"""What the site says of itself: its accessibility statement and the list of its pages."""

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

# When the statement was last held against the site; renew it together with what it says.
STATED_ON = date(2026, 11, 24)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """無障礙聲明: the level aimed at, how it is tested, what isn't reached, whom to tell."""
    context = {"stated_on": STATED_ON, "contact": settings.ACCESSIBILITY_CONTACT}
    return render(request, "reports/accessibility.html", context)


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """網站導覽: the pages that this person can reach, and the keys that lead to parts of a page."""
    return render(request, "reports/site_map.html")
