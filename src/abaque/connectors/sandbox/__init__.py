"""The sandbox platform's connector: the stand-in for a billing platform, spoken to over HTTP."""

from abaque.connectors.sandbox.platform import SandboxPlatform

__all__ = ["SandboxPlatform"]
