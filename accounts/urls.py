"""Addresses of the pages about the person."""

from django.urls import path

from accounts import token_views, views

urlpatterns = [
    path("settings/", views.settings_page, name="settings"),
    path("settings/time-zone/", views.browser_time_zone, name="browser_time_zone"),
    path("settings/tokens/", token_views.tokens_page, name="access_tokens"),
    path("settings/tokens/<int:token_id>/revoke/", token_views.revoke, name="access_token_revoke"),
    path("settings/invitations/", views.invite, name="invite"),
    path("settings/invitations/<int:invitation_id>/withdraw/", views.withdraw, name="invitation_withdraw"),
    path("invitation/<str:code>/", views.invitation, name="invitation"),
]
