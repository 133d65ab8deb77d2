"""Typed clients of a model, made of its OpenAPI document."""

from .document import SchemaError
from .python import python_client
from .typescript import typescript_client

__all__ = ["SchemaError", "python_client", "typescript_client"]
