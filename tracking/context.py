"""What the frame of every page needs: navigation with counts, and the demo stamp."""

from django.http import HttpRequest


def page_frame(request: HttpRequest) -> dict:
    return {"nav_items": [], "demo_data": False}
