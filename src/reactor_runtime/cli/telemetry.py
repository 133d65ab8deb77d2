"""Traces for OpenTelemetry, where the standard environment variables ask for them."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..engine.runtime import Runtime

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

logger = logging.getLogger("reactor.traces")

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_EXPORTERS = "OTEL_TRACES_EXPORTER"
_GROUP = "opentelemetry_traces_exporter"
_FLUSH_SECONDS = 2.0
"""How long the end of the process waits for what is on its way to the collector."""


def trace(runtime: Runtime) -> Callable[[], None]:
    """Make traces of what `runtime` does from now on, where the environment names an exporter or where to send them.

    Nothing is imported for it otherwise. What cannot be set up is said in the log, and the server goes on without.

    Returns:
        What is to be called at the end: it waits for the last ones to leave, for a moment.
    """
    asked = _asked_for()
    if asked is None:
        return lambda: None
    try:
        return _begin(runtime)
    except Exception as error:  # whatever a plugin raises: traces are no reason not to serve
        missing = isinstance(error, ImportError)
        remedy = "; they come with: pip install 'openreactor[otel]'" if missing else ""
        logger.warning("%s is set, but there are no traces: %s%s", asked, error, remedy)
        return lambda: None


def _asked_for() -> str | None:
    """The variable that asks for traces."""
    chosen = os.environ.get(_EXPORTERS, "").strip()
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or chosen.lower() == "none":
        return None
    return next((name for name in (_EXPORTERS, *_ENDPOINTS) if os.environ.get(name, "").strip()), None)


def _begin(runtime: Runtime) -> Callable[[], None]:
    from opentelemetry import trace as api
    from opentelemetry.sdk.trace import TracerProvider

    from ..server.spans import Spans  # here: few servers have use for it

    provider = api.get_tracer_provider()
    own = None
    if not isinstance(provider, TracerProvider):  # else it was set up by whoever started us
        provider = own = _provider()
        api.set_tracer_provider(own)  # spans of the model's own code go there, too
    spans = Spans(runtime, provider.get_tracer("reactor_runtime", __version__))

    def end() -> None:
        spans.close()
        if own is not None:
            # A thread nobody waits for: with no collector there, the SDK takes longer than an end may.
            last = threading.Thread(target=own.shutdown, name="the last traces", daemon=True)
            last.start()
            last.join(_FLUSH_SECONDS)

    return end


def _provider() -> TracerProvider:
    from importlib.metadata import entry_points

    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    told: dict[str, Any] = {SERVICE_VERSION: __version__}
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if not named:
        told[SERVICE_NAME] = "openreactor"
    provider = TracerProvider(resource=Resource.create(told))
    for name in _exporters():
        found = list(entry_points(group=_GROUP, name=name))
        if not found:
            raise ImportError(f"no exporter {name!r} is installed")
        provider.add_span_processor(BatchSpanProcessor(found[0].load()()))
    return provider


def _exporters() -> list[str]:
    """The exporters, by the names they are registered under."""
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    otlp = "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"
    chosen = os.environ.get(_EXPORTERS) or "otlp"
    return [otlp if name == "otlp" else name for name in map(str.strip, chosen.split(",")) if name]
