"""Addresses of what a person does with a connection; the page that shows them all is the dashboard's."""

from django.urls import path

from integrations import views
from integrations.push import doors
from integrations.setup import views as setup

urlpatterns = [
    path("integrations/<uuid:connection_id>/sync/", views.sync_now, name="connection_sync"),
    path("integrations/<uuid:connection_id>/pause/", views.pause, name="connection_pause"),
    path("integrations/<uuid:connection_id>/resume/", views.resume, name="connection_resume"),
    path("integrations/<uuid:connection_id>/disconnect/", views.disconnect, name="connection_disconnect"),
    path("integrations/<uuid:connection_id>/look/", views.look, name="connection_look"),
    path("integrations/<uuid:connection_id>/prefer/", views.prefer, name="connection_prefer"),
    path("integrations/<uuid:connection_id>/mail-reach/", views.mail_reach, name="connection_mail_reach"),
    path("integrations/changes/<uuid:change_id>/<str:decision>/", views.decide, name="change_decide"),
    path("setup/", setup.overview, name="setup"),
    path("setup/<slug:provider_id>/", setup.provider, name="setup_provider"),
    path("setup/<slug:provider_id>/app/", setup.app, name="setup_app"),
    path("setup/<slug:provider_id>/push/", setup.push, name="setup_push"),
    path("setup/<slug:provider_id>/check/", setup.check, name="setup_check"),
    path("setup/<slug:provider_id>/use/<uuid:app_id>/", setup.use, name="setup_use"),
    path("push/<str:provider_id>/", doors.told, name="push"),
    path("api/status/", views.status, name="api_status"),
]
