"""`/metrics`: what Prometheus reads. It is put together when it is asked for."""

from .routes import MetricsRoutes

__all__ = ["MetricsRoutes"]
