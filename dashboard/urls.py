"""Addresses of the pages above the domains."""

from django.urls import path

from dashboard import outbox, views

urlpatterns = [
    path("", views.home, name="home"),
    path("today/", views.today, name="today"),
    path("arriving/", views.arriving, name="arriving"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("integrations/", views.integrations, name="integrations"),
    path("integrations/live/", views.live, name="integrations_live"),
    path("integrations/<uuid:connection_id>/leave/", views.leave, name="connection_leave"),
]
