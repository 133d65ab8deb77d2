"""Whether a server grows: memory, threads, file descriptors and tasks, over as many minutes of sessions as are asked
for.

Clients of the official SDK and bare peers, in processes of their own, join, leave, reconnect, vanish, send commands
good and bad, upload, show a camera and fetch clips; sessions are stopped, left behind and begun anew. After each
session the server is looked at, at rest. What counts as growth, and why noise does not, is in `soaking/growth.py`.
Progress goes to stderr, one JSON object to stdout; the status is 1 where something grew, and 2 where something was
never done.

    make soak ARGS="--minutes 3"            # or: python -m bench.soak --minutes 3
    python -m bench.soak --leak threads     # a model that leaks, to see that it is found
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from .servers import ROOT, Case, Server, Side, ours
from .soaking.churn import Churn, missing
from .soaking.growth import Bound, Filling, Verdict, of_amount, of_count
from .soaking.looks import Look, at_rest, fill_pool, kinds, more

MODEL = ROOT / "bench" / "soak_model"
FEWEST_CYCLES, LONGER = 21, 3
"""A machine that is too busy for so many cycles gets so many times as long."""
RSS_KIB = Bound(64, fills=Filling(256, 16 * 1024))
"""A session has seven clients. What fills up: the journal, 4,096 entries in some 200 sessions, and the allocator, whose
free pieces are in more and more places until there are enough of them."""
BLOCKS = Bound(40, fills=Filling(160, 32 * 1024))
"""The journal: an entry takes seven."""
POOL = Bound(0.25)
"""It gets as large as it was ever needed at once, which comes late, on a busy machine later."""
TOLERANCE = {"threads": 2, "files": 2, "tasks": 0}
"""A library may start a thread, or open a file, when it first has a use for it."""
LEAKS = ("memory", "objects", "threads", "files", "tasks")


@dataclass(frozen=True)
class Soaked(Side):
    """Our server on the soak's own model."""

    options: tuple[str, ...] = ()

    def command(self, case: Case, port: int) -> list[str]:
        return [self.python, "-m", "reactor_runtime", "run", str(MODEL), "--port", str(port), *self.options]


@dataclass(frozen=True)
class Soak:
    """What was found.

    Attributes:
        looks: one of each cycle.
        more: the kinds of threads and files that there are more of at the end than after the warm-up.
    """

    looks: list[Look]
    more: Mapping[str, Mapping[str, int]]
    churn: Churn
    log: str


async def soak(server: Server, seconds: float) -> Soak:
    """Cycles, until so many seconds are over, and longer where these are few: of too few, nothing is known."""
    churn, looks = Churn(server), list[Look]()
    began = time.monotonic()
    before: dict[str, Counter[str]] = {}
    try:
        await fill_pool(server.url)
        while (age := time.monotonic() - began) < seconds or (len(looks) < FEWEST_CYCLES and age < LONGER * seconds):
            end = await churn.cycle()
            looks.append(await at_rest(server, looks[-1] if looks else None))
            tell(age, end, looks[-1], churn)
            if not before and age > seconds / 3:
                before = kinds(server.pid)
    finally:
        await churn.close()
    after = kinds(server.pid)
    return Soak(looks, more(before or after, after), churn, server.log)


def tell(age: float, end: str, look: Look, churn: Churn) -> None:
    counts = ", ".join(f"{name} {count}" for name, count in look.counts.named.items())
    print(
        f"{age:6.0f} s  session {look.sessions} ({end}), clients {look.clients}: {look.rss_kib / 1024:.1f} MiB, "
        f"{look.blocks} blocks, {counts}, pool {look.pool}; failed {sum(churn.deeds.failed.values())}",
        file=sys.stderr,
        flush=True,
    )


def judge(looks: Sequence[Look]) -> dict[str, Verdict]:
    """Of each quantity."""
    sessions = [look.sessions for look in looks]
    amounts = {
        "rss_kib": of_amount(sessions, [look.rss_kib for look in looks], RSS_KIB),
        "python_blocks": of_amount(sessions, [look.blocks for look in looks], BLOCKS),
        "pool_threads": of_amount(sessions, [look.pool for look in looks], POOL),
    }
    return amounts | {
        name: of_count([look.counts.named[name] for look in looks], tolerance) for name, tolerance in TOLERANCE.items()
    }


def report(found: Soak, minutes: float, load: tuple[float, ...]) -> dict[str, Any]:
    """All that was found, as JSON."""
    verdicts, deeds = judge(found.looks), found.churn.deeds
    return {
        "bench": "soak",
        "minutes": minutes,
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "load_before": [round(one, 2) for one in load],
        "openreactor": version("openreactor"),
        "sessions": found.looks[-1].sessions,
        "clients": found.looks[-1].clients,
        **deeds.told(),
        "never_done": missing(deeds),
        "undecided": [name for name, verdict in verdicts.items() if not verdict.decided],
        "grew": [name for name, verdict in verdicts.items() if verdict.grew],
        "figures": {
            name: {figure: round(value, 2) for figure, value in verdict.figures.items()}
            for name, verdict in verdicts.items()
        },
        "more_at_the_end": found.more,
    }


async def run(options: argparse.Namespace) -> int:
    load = os.getloadavg()
    leak = (f"--model.leak={options.leak}", f"--model.leak_kib={options.leak_kib}") if options.leak else ()
    server = Server(Soaked("soaked", ours().python, options=leak), Case(), "")
    try:
        await asyncio.to_thread(server.wait_ready)
        found = await soak(server, options.minutes * 60)
    except BaseException:
        print(server.log, file=sys.stderr)
        raise
    finally:
        await asyncio.to_thread(server.stop)
    told = report(found, options.minutes, load)
    print(json.dumps(told, indent=2))
    if trouble := {name: told[name] for name in ("grew", "never_done", "undecided") if told[name]}:
        print(f"{found.log}{trouble}", file=sys.stderr)
    return 1 if told["grew"] else 2 if told["never_done"] else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description="Whether a server grows, as JSON.")
    parser.add_argument("--minutes", type=float, default=3, help="for how long (default 3)")
    parser.add_argument("--leak", choices=LEAKS, help="the model keeps this with each client")
    parser.add_argument("--leak-kib", type=int, default=64, help="how much memory (default 64)")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
