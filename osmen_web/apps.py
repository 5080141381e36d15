"""How OsMEN's own apps present themselves to Django."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class OsmenWebConfig(AppConfig):
    name = "osmen_web"
    default = True

    def ready(self) -> None:
        from osmen_web import celery  # noqa: F401  (tasks are declared on the app that this makes)


class OsmenAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "osmen_web.admin_site.AdminSite"
