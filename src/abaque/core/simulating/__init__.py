"""A customer's months without a database: what each boundary would invoice."""

from .play import Played, play

__all__ = ["Played", "play"]
