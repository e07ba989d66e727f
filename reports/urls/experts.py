"""Addresses of experts: invitations, seats, dossiers and opinions."""

from django.urls import path

from reports.views import dossier, experts, invitations, opinion, opinions

urlpatterns = [
    path("invitations/<str:token>/", invitations.AcceptInvitation.as_view(), name="invitation"),
    path("dossier/", dossier.MyDossier.as_view(), name="dossier"),
    path("reviews/<int:pk>/experts/", experts.Experts.as_view(), name="review-experts"),
    path("reviews/<int:pk>/experts/invite/", experts.Invite.as_view(), name="review-invite"),
    path(
        "reviews/<int:pk>/experts/assign/",
        experts.Assign.as_view(),
        name="review-assign",
    ),
    path(
        "reviews/<int:pk>/invitations/<int:invitation>/<slug:verb>/",
        experts.MoveInvitation.as_view(),
        name="review-invitation",
    ),
    path("reviews/<int:pk>/experts/<int:seat>/", experts.SeatPage.as_view(), name="review-seat"),
    path(
        "reviews/<int:pk>/experts/<int:seat>/end/",
        experts.EndSeat.as_view(),
        name="review-seat-end",
    ),
    path(
        "reviews/<int:pk>/recusals/<int:recusal>/",
        experts.DecideRecusal.as_view(),
        name="review-recusal",
    ),
    path("reviews/<int:pk>/dossier/", dossier.Dossier.as_view(), name="review-dossier"),
    path("reviews/<int:pk>/dossier/declare/", dossier.Declare.as_view(), name="review-declare"),
    path("reviews/<int:pk>/opinions/", opinions.Opinions.as_view(), name="review-opinions"),
    path("reviews/<int:pk>/opinions/send/", opinions.Send.as_view(), name="opinions-send"),
    path("reviews/<int:pk>/opinions/<str:code>/", opinion.OpinionPage.as_view(), name="opinion"),
    path(
        "reviews/<int:pk>/opinions/<str:code>/recuse/",
        opinion.Recuse.as_view(),
        name="opinion-recuse",
    ),
    path("opinions/<int:pk>/", opinions.OpinionShow.as_view(), name="opinion-show"),
    path("opinions/<int:pk>/reply/", opinions.Reply.as_view(), name="opinion-reply"),
]
