"""The integrations app: loads the providers that settings name and makes them known to allauth."""

from django.apps import AppConfig
from django.conf import settings


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from allauth.socialaccount.providers import registry as allauth_registry

        from integrations.connect.flow import build
        from integrations.providers.base import registry

        registry.load(settings.OSMEN_PROVIDERS)
        for spec in registry:
            allauth_registry.register(build(spec.id)[0])
