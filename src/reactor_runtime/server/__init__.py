"""The HTTP side: sessions, signalling, uploads, health, and the page at `/`."""

from .access import Access, check_origin, check_token, new_token
from .app import create_app

__all__ = ["Access", "check_origin", "check_token", "create_app", "new_token"]
