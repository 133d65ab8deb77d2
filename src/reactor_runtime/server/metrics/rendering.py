"""Samples as Prometheus has them. The library is loaded with the first, on a thread: a start has no use for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...engine.measures import Reading
from .catalogue import CATALOGUE, Metric
from .reading import Samples, Value

if TYPE_CHECKING:
    from prometheus_client import Metric as Family


def render(samples: Samples, accept: str) -> tuple[bytes, str]:
    """The answer and its type: of the formats there are, the one that `accept`, the header, asks for."""
    from prometheus_client import CollectorRegistry, ProcessCollector
    from prometheus_client.exposition import choose_encoder

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Collector(samples))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Collector:
    """Hands over samples that were taken before."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Family]:
        """All families, whether there is a value or not: what is on a dashboard is known from the start."""
        for name, metric in CATALOGUE.items():
            yield _family(name, metric, self._samples.get(name, {}))


def _family(name: str, metric: Metric, values: dict[tuple[str, ...], Value]) -> Family:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    if metric.kind == "histogram":
        histogram = HistogramMetricFamily(name, metric.help, labels=metric.labels)
        for labels, reading in values.items():
            assert isinstance(reading, Reading)
            buckets = [(str(bound), count) for bound, count in reading.buckets]
            histogram.add_metric(labels, [*buckets, ("+Inf", reading.observations)], reading.sum)
        return histogram
    make = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = make(name, metric.help, labels=metric.labels)
    for labels, value in values.items():
        assert not isinstance(value, Reading)
        family.add_metric(labels, float(value))
    return family
