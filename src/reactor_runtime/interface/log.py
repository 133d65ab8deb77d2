"""Loggers for models."""

from __future__ import annotations

import logging


def get_logger(name: str = "") -> logging.Logger:
    """A logger whose lines appear among the runtime's own, with the session they belong to.

    Args:
        name: such as `__name__`.
    """
    return logging.getLogger(f"reactor.model.{name}" if name else "reactor.model")
