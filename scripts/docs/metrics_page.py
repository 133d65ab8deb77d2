"""The reference of the metrics, from the catalogue that `/metrics` is made by."""

from __future__ import annotations

from reactor_runtime.server.metrics.catalogue import CATALOGUE

_INTRODUCTION = """# Metrics

<!-- Made by scripts/docs from src/reactor_runtime/server/metrics/catalogue.py; `make docs` writes it anew. -->

What `GET /metrics` tells [Prometheus](../observing.md#metrics), beside the usual `process_` ones. Times are in seconds.

| metric | kind | labels | |
|---|---|---|---|
"""


def metrics_page() -> str:
    """The page."""
    rows = [
        f"| `{name}` | {metric.kind} | {', '.join(f'`{label}`' for label in metric.labels)} | {metric.help} |\n"
        for name, metric in CATALOGUE.items()
    ]
    return _INTRODUCTION + "".join(rows)
