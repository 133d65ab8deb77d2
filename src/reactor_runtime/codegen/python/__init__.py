"""The typed client in Python."""

from .module import python_client

__all__ = ["python_client"]
