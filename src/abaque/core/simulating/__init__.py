"""A customer's months without a database: what each boundary would invoice."""

from .play import CLOSING, Happening, Life, Played, play

__all__ = ["CLOSING", "Happening", "Life", "Played", "play"]
