"""The HTTP side: sessions, signalling, uploads, health, and the page at `/`."""

from .access import Access, check_origin, check_token, new_token
from .app import create_app
from .connections import http_protocol

__all__ = ["Access", "check_origin", "check_token", "create_app", "http_protocol", "new_token"]
