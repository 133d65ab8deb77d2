"""The HTTP side: sessions, signalling, uploads, health, and the page at `/`."""

from .app import create_app

__all__ = ["create_app"]
