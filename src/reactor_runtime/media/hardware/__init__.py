"""Encoders in a graphics card, by PyAV: looked for at start, and trusted once they have shown what they can."""

from .recipes import AUTO, HARDWARE, NAMES, SOFTWARE, Recipe, choose
from .search import Search
from .service import Hardware

__all__ = ["AUTO", "HARDWARE", "NAMES", "SOFTWARE", "Hardware", "Recipe", "Search", "choose"]
