"""The connect addresses of every registered provider."""

from integrations.connect.flow import build
from integrations.connect.views import patterns
from integrations.providers.base import registry

urlpatterns = [pattern for spec in registry for pattern in patterns(spec, build(spec.id)[1])]
