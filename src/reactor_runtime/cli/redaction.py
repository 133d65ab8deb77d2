"""Keeps secrets out of the log."""

from __future__ import annotations

import logging
import re

_IN_PATH = re.compile(r"/t/[A-Za-z0-9._~%-]+")
_SIGNED = re.compile(r"eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{40,}")
"""A signed token, wherever somebody has put it: into the query, say. Web tokens of other makes begin likewise."""
_HIDDEN = "***"


class Redaction(logging.Filter):
    """Takes secrets out of each line: those it is told, and whatever stands in a path as a token does, or looks
    like a signed one."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: list[str] = []

    def hide(self, secret: str) -> None:
        """Leave `secret` out of every line from now on."""
        if secret and secret not in self._secrets:
            self._secrets.append(secret)

    def clean(self, text: str) -> str:
        """`text` without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        if "/t/" in text:
            text = _IN_PATH.sub(f"/t/{_HIDDEN}", text)
        return _SIGNED.sub(_HIDDEN, text) if "eyJ" in text else text

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except Exception:  # arguments that do not fit: whoever writes the line says so, and the one who logs goes on
            return True
        cleaned = self.clean(text)
        if cleaned != text:
            record.msg, record.args = cleaned, None
        return True


redaction = Redaction()
"""The process's one; whoever reads a secret tells it."""
