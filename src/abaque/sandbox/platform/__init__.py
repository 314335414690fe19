"""The stand-in billing platform: an HTTP server in its own process that can be told what to get wrong."""

from abaque.sandbox.platform.launch import Running, launch

__all__ = ["Running", "launch"]
