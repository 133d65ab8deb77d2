"""Spans of the load, a session, its connections and their commands, as an exporter gets them."""

from __future__ import annotations

import itertools

import pytest

trace = pytest.importorskip("opentelemetry.sdk.trace")

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider  # noqa: E402
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: E402
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF  # noqa: E402

from reactor_runtime.errors import ModelError  # noqa: E402
from reactor_runtime.server.spans import Spans  # noqa: E402
from reactor_runtime.transport.memory import MemoryTransport  # noqa: E402

from .house import serve  # noqa: E402


def name(span: ReadableSpan) -> str:
    return span.name


async def test_a_session_with_its_commands() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with serve(load=False) as house:
        spans = Spans(house.runtime, provider.get_tracer("test"))
        house.runtime.start()
        await house.runtime.loaded()
        transport = MemoryTransport(house.runtime, house.runtime.clock)
        house.runtime.add_transport(transport)
        session_id = await house.start()
        client = transport.connect()
        await client.command("paint", level=1)
        await client.command("paint", level="red")
        client.leave("enough")
        await house.http.post("/stop_session", json={"reason": "done"})
    spans.close()
    found = exporter.get_finished_spans()
    (load,) = [span for span in found if span.name == "load"]
    (session,) = [span for span in found if span.name == "session"]
    (connection,) = [span for span in found if span.name == "connection"]
    ok, refused = [span for span in found if span.name == "command"]
    assert session.attributes == {
        "reactor.model": "painter",
        "reactor.session": session_id,
        "reactor.reason": "done",
    }
    assert connection.attributes["reactor.reason"] == "enough" and connection.attributes["reactor.client"] == 1
    assert load.parent is None and session.parent is None
    assert connection.parent.span_id == session.context.span_id
    assert ok.parent.span_id == refused.parent.span_id == connection.context.span_id
    assert (ok.attributes["reactor.command"], ok.attributes["reactor.code"]) == ("paint", "ok")
    assert refused.attributes["reactor.code"] == "invalid_command" and not refused.status.is_ok
    stages = [span for span in found if span.parent is not None and span.parent.span_id == ok.context.span_id]
    assert list(map(name, stages)) == ["validate", "queue", "handler", "answer"]
    times = [(span.start_time, span.end_time) for span in stages]
    assert times[0][0] == ok.start_time and times[-1][1] == ok.end_time
    assert all(before[1] == after[0] for before, after in itertools.pairwise(times))
    assert load.start_time <= session.start_time <= connection.start_time


async def test_a_load_that_fails() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with serve(config={"fail": True}, load=False) as house:
        Spans(house.runtime, provider.get_tracer("test"))
        house.runtime.start()
        with pytest.raises(ModelError):
            await house.runtime.loaded()
    (load,) = exporter.get_finished_spans()
    assert not load.status.is_ok and "no such checkpoint" in load.status.description


async def test_what_is_not_sampled_costs_no_stages_and_what_is_open_is_ended() -> None:
    provider = TracerProvider(sampler=ALWAYS_OFF)
    async with serve() as house:
        spans = Spans(house.runtime, provider.get_tracer("test"))
        transport = MemoryTransport(house.runtime, house.runtime.clock)
        await house.start()
        client = transport.connect()
        await client.command("paint", level=1)
        spans.close()
        client.leave()
