"""What the server holds, looked at from outside: `/proc` and `/metrics`."""

from __future__ import annotations

import asyncio
import os
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from ..servers import Server

REST_SECONDS = 8.0
"""So long a server gets until it holds as little as it did before."""
_EVERY = 0.25
_METRICS_SECONDS = 30.0
_AT_ONCE = 200
POOL = "tokio-rt-worker"
"""The media engine's pool: its threads come with work, and go after ten seconds without."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What there is a number of; `threads` are those that are not the media engine's pool."""

    threads: int
    files: int
    tasks: int

    def least(self, other: Counts) -> Counts:
        """Of each, the lower."""
        return Counts(min(self.threads, other.threads), min(self.files, other.files), min(self.tasks, other.tasks))

    @property
    def named(self) -> dict[str, int]:
        """By name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Look:
    """The server at rest, after a cycle.

    Attributes:
        sessions, clients: how many it has had.
        counts: the least that was seen in this rest.
        rss_kib: its resident memory.
        blocks: of memory that Python holds for its objects, each of 512 bytes at most.
        pool: threads of the media engine's pool.
    """

    sessions: int
    clients: int
    counts: Counts
    rss_kib: int
    blocks: int
    pool: int


async def at_rest(server: Server, before: Look | None) -> Look:
    """Look until each count has been as low as `before`, but for `REST_SECONDS` at most: what takes longer on a busy
    machine is told by what follows it."""
    deadline = time.monotonic() + REST_SECONDS
    least = None
    while True:
        told = await asyncio.to_thread(_metrics, server.url)
        threads = kinds(server.pid)["threads"]
        pool = threads.pop(POOL, 0)
        counts = Counts(threads.total(), len(_files(server.pid)), round(told["reactor_tasks"]))
        least = counts if least is None else least.least(counts)
        if before is None or least == least.least(before.counts) or time.monotonic() > deadline:
            break
        await asyncio.sleep(_EVERY)
    return Look(
        round(told["reactor_sessions_total"]),
        round(told["reactor_clients_joined_total"]),
        least,
        round(server.rss_mib() * 1024),
        round(told["reactor_python_blocks"]),
        pool,
    )


async def fill_pool(url: str) -> None:
    """Ask for so much at once that the server's pool of threads is full: it is as large as the one that asks here."""
    await asyncio.gather(*(asyncio.to_thread(_metrics, url) for _ in range(_AT_ONCE)))


def kinds(pid: int) -> dict[str, Counter[str]]:
    """What there is of each kind: of threads by name, of files by what they are."""
    names = Counter[str]()
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # it has ended meanwhile
            names[(task / "comm").read_text().strip()] += 1
    return {"threads": names, "files": Counter(file.partition(":")[0] for file in _files(pid))}


def more(before: Mapping[str, Counter[str]], after: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    """What there is more of, by kind."""
    return {what: dict(after[what] - before[what]) for what in after}


def _files(pid: int) -> list[str]:
    folder = Path(f"/proc/{pid}/fd")
    found = []
    for name in os.listdir(folder):
        with suppress(OSError):  # it was closed meanwhile
            found.append(os.readlink(folder / name))
    return found


def _metrics(url: str) -> dict[str, float]:
    """The samples of `/metrics` by name; of those with labels, their sum."""
    request = urllib.request.Request(f"{url}/metrics", headers={"connection": "close"})
    with urllib.request.urlopen(request, timeout=_METRICS_SECONDS) as answer:
        text = answer.read().decode()
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found
