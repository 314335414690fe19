"""Which platforms this deployment is connected to."""

from django.conf import settings

from abaque.connectors.sandbox import SandboxPlatform
from abaque.ports.platform import Platform


def platforms() -> list[Platform]:
    """Return the connected platforms, from the environment."""
    if not settings.PLATFORM_URL:
        return []
    return [SandboxPlatform(settings.PLATFORM_URL, settings.PLATFORM_KEY)]
