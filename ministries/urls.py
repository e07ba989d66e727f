"""Addresses of the `ministries` room."""

from django.urls import path

from ministries import security_views, views

urlpatterns = [
    path("people/", views.PeopleList.as_view(), name="people"),
    path("people/idle/", views.IdleList.as_view(), name="people-idle"),
    path("people/new/", views.CreateAccount.as_view(), name="people-create"),
    path("people/<int:pk>/role/", views.GrantMembership.as_view(), name="people-grant"),
    path("people/<int:pk>/password/", views.ResetPassword.as_view(), name="people-password"),
    path(
        "people/<int:pk>/second-factor/",
        security_views.ResetSecondFactor.as_view(),
        name="people-second-factor",
    ),
    path("people/roles/<int:pk>/end/", views.RetireMembership.as_view(), name="people-retire"),
    path("people/deputies/new/", views.AppointDeputy.as_view(), name="people-deputy"),
    path("people/deputies/<int:pk>/end/", views.EndDeputyship.as_view(), name="people-deputy-end"),
]
