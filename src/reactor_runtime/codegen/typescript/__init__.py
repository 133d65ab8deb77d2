"""The typed client in TypeScript."""

from .module import typescript_client

__all__ = ["typescript_client"]
