"""`/metrics`: every metric of the catalogue, its help, its values, and that a scrape asks for as little as may be."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from reactor_runtime.engine.measures import CommandMeasures, FrameMeasures, Histogram
from reactor_runtime.limits import Limits
from reactor_runtime.server.metrics.catalogue import CATALOGUE
from reactor_runtime.server.metrics.totals import Totals, spread
from reactor_runtime.transport.memory import MemoryTransport
from reactor_runtime.transport.webrtc.traffic import Flow, Traffic, ask_all
from reactor_runtime.wire.messages import Command

from .house import House, serve


async def scrape(house: House, accept: str = "") -> dict[str, Metric]:
    reply = await house.http.get("/metrics", headers={"Accept": accept})
    assert reply.status_code == 200
    return {family.name: family for family in parse(reply.text)}


def value(families: dict[str, Metric], name: str, **labels: str) -> float:
    """The one sample of that name and those labels."""
    (found,) = [
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return float(found)


async def test_every_metric_is_told_with_its_help_and_nothing_that_is_not_in_the_catalogue() -> None:
    async with serve() as house:
        families = await scrape(house)
        for name, metric in CATALOGUE.items():
            family = families[name.removesuffix("_total") if metric.kind == "counter" else name]
            assert (family.type, family.documentation) == (metric.kind, metric.help)
            assert metric.kind != "counter" or name.endswith("_total")
            for sample in family.samples:
                assert set(sample.labels) - {"le"} == set(metric.labels)
        own = {name for name in families if name.startswith("reactor_")}
        assert own == {name.removesuffix("_total") for name in CATALOGUE}
        assert all(family.documentation for family in families.values())
        assert {"process_cpu_seconds", "process_resident_memory_bytes"} <= set(families) or not families.get("process_")


async def test_what_a_client_does_is_in_it() -> None:
    async with serve() as house:
        transport = MemoryTransport(house.runtime, house.runtime.clock)
        house.runtime.add_transport(transport)
        await house.start()
        before = await scrape(house)
        assert value(before, "reactor_state", state="waiting") == 1
        assert value(before, "reactor_ready") == value(before, "reactor_live") == 1
        client = transport.connect()
        await client.command("paint", level=3)
        await client.command("paint", level="red")
        await client.command("pain")
        families = await scrape(house)
        assert value(families, "reactor_state", state="streaming") == 1
        assert value(families, "reactor_state", state="waiting") == 0
        assert (value(families, "reactor_clients"), value(families, "reactor_clients_joined_total")) == (1, 1)
        assert value(families, "reactor_sessions_total") == 1
        assert value(families, "reactor_commands_total") == 3
        assert value(families, "reactor_command_answers_total", code="ok") == 1
        assert value(families, "reactor_command_answers_total", code="invalid_command") == 2
        assert value(families, "reactor_command_seconds_count") == 3
        for stage in ("validation", "queue", "handler", "answer"):
            assert value(families, "reactor_command_stage_seconds_count", stage=stage) == 1
        assert value(families, "reactor_http_answers_total", code="200") >= 2
        assert value(families, "reactor_queue_limit", queue="commands") == house.runtime.limits.commands
        assert value(families, "reactor_info", model="painter") == 1


async def test_openmetrics_is_told_to_who_asks_for_it() -> None:
    async with serve() as house:
        reply = await house.http.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
        assert reply.headers["content-type"].startswith("application/openmetrics-text")
        assert "reactor_frames" in {family.name for family in parse_openmetrics(reply.text)}


async def test_it_is_told_while_the_model_loads() -> None:
    gate = threading.Event()
    async with serve(config={"gate": gate}, load=False) as house:
        house.runtime.start()
        families = await scrape(house)
        assert value(families, "reactor_state", state="loading") == 1
        assert value(families, "reactor_ready") == 0
        gate.set()
        await house.runtime.loaded()


@pytest.mark.limit("scrape_wait", counted="transport.stats_missed")
async def test_a_connection_that_does_not_say_is_left_out_of_a_scrape() -> None:
    class Stuck:
        joined = True

        async def traffic(self) -> Traffic | None:
            await asyncio.Event().wait()
            raise AssertionError

        async def close(self) -> None:
            """There is nothing to close."""

    async with serve(limits=Limits(scrape_wait=0.01)) as house:
        stuck: Any = Stuck()
        house.peers._pending.add(stuck)
        assert value(await scrape(house), "reactor_connections") == 1
        assert house.runtime.counters["transport.stats_missed"] == 1


async def test_the_media_engine_is_asked_once_a_second_whoever_scrapes() -> None:
    async with serve() as house:
        asked = []

        async def traffic(seconds: float) -> Sequence[Traffic]:
            asked.append(seconds)
            return []

        house.peers.traffic = traffic  # type: ignore[method-assign]
        await asyncio.gather(*(scrape(house) for _ in range(5)))
        assert asked == [house.runtime.limits.scrape_wait]


async def test_more_codes_than_can_be_told_apart_are_one() -> None:
    async with serve() as house:
        for number in range(40):
            house.runtime.counters.add(f"commands.refused.code_{number}", 100 - number)
        families = await scrape(house)
        told = {sample.labels["code"]: sample.value for sample in families["reactor_command_answers"].samples}
        assert len(told) == 34
        assert told["other"] == sum(100 - number for number in range(32, 40))


# -- what it is made of


def test_a_histogram_counts_up_to_each_bound() -> None:
    histogram = Histogram((1.0, 2.0))
    for number in (0.5, 1.0, 1.5, 7.0):
        histogram.observe(number)
    assert histogram.read() == (((1.0, 2), (2.0, 3)), 4, 10.0)


def test_a_frame_that_misses_its_slot_stalls_and_one_that_had_none_does_not() -> None:
    frames, period = FrameMeasures(), 0.04

    def left(at: float, late: float | None) -> None:
        frames.left(at - 0.02, at - 0.01, at - 0.005, at, late=late, period=period)

    left(1.0, None)
    left(1.04, 0.0)
    left(1.084, 0.004)  # within what waking up takes
    left(1.14, 0.02)  # 56 ms after the last one
    left(3.0, None)  # it waited for something
    frames.broke_off()
    left(5.0, 0.05)  # and its predecessor was dropped
    assert frames.missed == 2
    assert round(frames.stalled, 6) == 0.016
    assert round(frames.played, 6) == 6 * 0.04 + 0.016
    assert frames.continuous == 1 - frames.stalled / frames.played
    frames.session_began()
    assert frames.continuous == 1.0
    assert frames.age.read().observations == 6


def test_a_command_is_measured_as_far_as_it_came() -> None:
    class Timed:
        command, client = Command("paint", {}, {}, "1"), 1

        def __init__(self, opened: float, queued: float | None, began: float | None, ended: float | None) -> None:
            self.opened, self.queued, self.began, self.ended = opened, queued, began, ended

    commands = CommandMeasures()
    commands.answered(Timed(0, None, None, None), "invalid_command", 1)
    commands.answered(Timed(0, 1, None, None), "busy", 2)
    commands.answered(Timed(0, 1, 2, None), "timeout", 9)
    commands.answered(Timed(0, 1, 2, 4), "ok", 8)
    read = [h.read() for h in (commands.whole, commands.validation, commands.queue, commands.handler, commands.answer)]
    assert [(reading.observations, reading.sum) for reading in read] == [(4, 20), (3, 3), (2, 2), (1, 2), (1, 4)]
    assert commands.ok == 1


def flow(size: int, codec: str = "VP8") -> Flow:
    return Flow(codec, bytes=size, packets=1, lost=0, repeated=0, keyframes_asked=0)


def test_sums_go_on_when_connections_go() -> None:
    totals = Totals()
    totals.add([Traffic(1, 0.1, None, {"v": flow(10)}, {}), Traffic(2, None, None, {"v": flow(5)}, {"c": flow(3)})])
    assert (totals.sent["bytes", "v"], totals.received["bytes", "c"]) == (15, 3)
    totals.add([Traffic(1, 0.1, None, {"v": flow(16)}, {})])
    assert totals.sent["bytes", "v"] == 21
    totals.add([Traffic(1, 0.1, None, {"v": flow(14)}, {})])  # taken back
    totals.add([Traffic(1, 0.1, None, {"v": flow(17)}, {}), Traffic(3, None, None, {"v": flow(9, "")}, {})])
    assert totals.sent["bytes", "v"] == 31
    assert totals.senders() == {("v", "VP8"): 1}
    assert spread([3.0, 1.0, 2.0]) == {"min": 1.0, "median": 2.0, "max": 3.0} and spread([]) == {}


def test_a_connection_that_is_missed_by_a_look_is_not_counted_anew() -> None:
    totals = Totals()
    totals.add([Traffic(1, None, None, {"v": flow(100)}, {}), Traffic(2, None, None, {"v": flow(7)}, {})])
    totals.add([Traffic(2, None, None, {"v": flow(7)}, {})])
    totals.add([Traffic(1, None, None, {"v": flow(130)}, {}), Traffic(2, None, None, {"v": flow(7)}, {})])
    assert totals.sent["bytes", "v"] == 137


def test_connections_that_have_gone_are_forgotten() -> None:
    totals = Totals()
    for number in range(1000):
        totals.add([Traffic(number, None, None, {"v": flow(1)}, {})])
    assert totals.sent["bytes", "v"] == 1000 and len(totals._known) < 100


async def test_a_connection_that_does_not_say_holds_up_nobody() -> None:
    class Quick:
        async def traffic(self) -> Traffic | None:
            return Traffic(1, None, None, {}, {})

    class Closed:
        async def traffic(self) -> Traffic | None:
            return None

    class Stuck:
        async def traffic(self) -> Traffic | None:
            await asyncio.Event().wait()
            raise AssertionError

    class Broken:
        async def traffic(self) -> Traffic | None:
            raise RuntimeError("it is on its way out")

    class Dropped:
        async def traffic(self) -> Traffic | None:
            raise asyncio.CancelledError

    said, silent = await ask_all([Quick(), Closed(), Stuck(), Broken(), Dropped()], 0.01)
    assert ([one.connection for one in said], silent) == ([1], 3)
