"""The integrations app: loads the providers that settings name, makes them known to allauth, guards its secrets."""

from django.apps import AppConfig
from django.conf import settings


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from allauth.socialaccount.providers import registry as allauth_registry

        from integrations.connect.flow import build
        from integrations.providers.base import registry
        from integrations.vault import second_factors

        second_factors.listen()
        registry.load(settings.OSMEN_PROVIDERS)
        for spec in registry:
            allauth_registry.register(build(spec.id)[0])
