"""Addresses of conclusions and the comments on them."""

from django.urls import path, register_converter

from reports.enums import Level
from reports.views import comments, conclusion, conclusion_edit, synthesis


class LevelConverter:
    """A level of the tree; any other word is no address."""

    regex = "|".join(Level.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(LevelConverter, "level")

# The plan's own code is empty; `plan` stands for it.
NODE = "reviews/<int:pk>/conclusions/<level:level>/<str:code>/"

urlpatterns = [
    path("reviews/<int:pk>/synthesis/", synthesis.Synthesis.as_view(), name="review-synthesis"),
    path(
        "reviews/<int:pk>/synthesis/prefill/",
        synthesis.Prefill.as_view(),
        name="review-synthesis-prefill",
    ),
    path(
        "reviews/<int:pk>/synthesis/ready/",
        synthesis.MarkReady.as_view(),
        name="review-synthesis-ready",
    ),
    path("reviews/<int:pk>/comments/", comments.Comments.as_view(), name="review-comments"),
    path(
        "reviews/<int:pk>/comments/done/",
        comments.SayDone.as_view(),
        name="review-comments-done",
    ),
    path(NODE, conclusion.ConclusionPage.as_view(), name="conclusion"),
    path(NODE + "edit/", conclusion_edit.Edit.as_view(), name="conclusion-edit"),
    path(NODE + "ready/", conclusion.Ready.as_view(), name="conclusion-ready"),
    path(NODE + "comment/", conclusion.MakeComment.as_view(), name="conclusion-comment"),
    path(
        NODE + "comments/<int:comment>/",
        conclusion.Answer.as_view(),
        name="conclusion-comment-answer",
    ),
]
