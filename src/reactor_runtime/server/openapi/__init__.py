"""`/openapi.json`: this server's HTTP API as an OpenAPI 3.1 document. The model's own is at `/schema`."""

from .routes import OpenApiRoutes

__all__ = ["OpenApiRoutes"]
