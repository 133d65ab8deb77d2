"""What a real server tells who watches it, while the official client uses it: each query of the dashboard and of the
alerts finds what it asks for in `/metrics`; `/events`; log lines in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as parse

from reactor_runtime.server.metrics.catalogue import CATALOGUE
from tests.e2e.promql import grouped, metrics
from tests.e2e.server import ROOT, Server, serve

HERE = Path(__file__).parent
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboard.json").read_text())
ALERTS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())
SECONDS = 60.0
BY_PROMETHEUS = {"instance", "job"}
"""Labels that Prometheus adds."""

Series = dict[str, list[dict[str, str]]]
"""The labels of each sample, by its name."""


def targets() -> list[tuple[str, str, str]]:
    """The title, the query and the legend of each target of the dashboard."""
    return [
        (panel["title"], target["expr"], target["legendFormat"])
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", [])
    ]


def queries() -> list[tuple[str, str]]:
    alerts = [(rule["alert"], rule["expr"]) for group in ALERTS["groups"] for rule in group["rules"]]
    return [*((title, query) for title, query, _ in targets()), *alerts]


@contextmanager
def client(server: Server) -> Iterator[None]:
    """The official client, which has done what there is to do, for the length of the block."""
    command = [sys.executable, "-m", "tests.e2e.watched_client", "--url", server.url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield
        finally:
            process.stdin.close()
            process.wait(SECONDS)


def scrape(server: Server) -> Series:
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=30) as answer:
        families = list(parse(answer.read().decode()))
    assert all(family.documentation for family in families)
    series: Series = {}
    for sample in (sample for family in families for sample in family.samples):
        series.setdefault(sample.name, []).append(sample.labels)
    return series


def complete(server: Server) -> Series:
    """A scrape in which each metric has a value: those of the network come with the first reports of the client."""
    deadline = time.monotonic() + SECONDS
    while missing := {name for name in CATALOGUE if not has(series := scrape(server), name)}:
        assert time.monotonic() < deadline, f"no sample of {', '.join(sorted(missing))}"
        time.sleep(1)
    return series


def has(series: Series, name: str) -> bool:
    return name in series or f"{name}_bucket" in series


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, Any]]:
    """What the server said while a client was there, and its log."""
    with serve(HERE / "tracks", ["--log-format", "json"]) as server:
        with client(server):
            series = complete(server)
        with urllib.request.urlopen(f"{server.url}/events?since=0", timeout=30) as stream:
            events = []
            while not events or events[-1]["event"] != "connection_closed":
                line = stream.readline().decode()
                assert line, "the stream ended"
                events += [json.loads(line[6:])] if line.startswith("data: ") else []
            began = time.monotonic()
            server.stop()
            stopped = time.monotonic() - began
            rest = stream.read().decode()
        yield {"series": series, "events": events, "rest": rest, "log": server.log, "stopped": stopped}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("title", "query"), queries())
def test_each_query_finds_what_it_asks_for(told: dict[str, Any], title: str, query: str) -> None:
    series: Series = told["series"]
    asked = metrics(query)
    assert asked, f"{title}: {query!r} asks for no metric of ours"
    known: set[str] = set(BY_PROMETHEUS)
    for metric in asked:
        assert metric.name in series, f"{title}: there is no {metric.name}"
        wanted = {label: value for label, value in metric.labels.items() if label not in BY_PROMETHEUS}
        found = [
            labels
            for labels in series[metric.name]
            if all(label in labels and value in (None, labels[label]) for label, value in wanted.items())
        ]
        assert found, f"{title}: no {metric.name} has {wanted}"
        known |= set(found[0])
    assert grouped(query) <= known, f"{title}: {query!r}"


def test_each_legend_names_labels_that_its_query_keeps() -> None:
    for title, query, legend in targets():
        named = {part.partition("}}")[0].strip() for part in legend.split("{{")[1:]}
        assert named <= grouped(query) | BY_PROMETHEUS, f"{title}: {legend}"


def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    shown = {asked.name.removesuffix("_bucket") for _, query in queries() for asked in metrics(query)}
    assert set(CATALOGUE) - shown == {"reactor_info", "reactor_live", "reactor_event_listeners"}


def test_the_dashboard_is_whole() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    boxes = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert all(box["x"] + box["w"] <= 24 for box in boxes)
    cells = [(x, y) for b in boxes for x in range(b["x"], b["x"] + b["w"]) for y in range(b["y"], b["y"] + b["h"])]
    assert len(cells) == len(set(cells))


def test_the_journal_has_the_client_and_ends_with_the_server(told: dict[str, Any]) -> None:
    assert [event["event"] for event in told["events"]] == [
        "initializing",
        "initialization_success",
        "start_session",
        "connection_opened",
        "clip_failed",
        "connection_closed",
    ]
    rest = [json.loads(line[6:])["event"] for line in told["rest"].splitlines() if line.startswith("data: ")]
    assert rest == ["stop_session", "cleanup_complete", "terminated"]
    assert "timeout graceful shutdown exceeded" not in told["log"]


def test_each_log_line_is_an_object(told: dict[str, Any]) -> None:
    lines = told["log"].splitlines()
    objects = [json.loads(line) for line in lines if line.startswith("{")]
    assert len(objects) > 2
    assert all({"time", "level", "logger", "message"} <= set(line) for line in objects)
    session = told["events"][2]["session_id"]
    assert any(line.get("session") == session and line["logger"] == "reactor.session" for line in objects)
    assert not any("reactor.session:" in line for line in lines)
