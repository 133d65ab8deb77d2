"""Ours beside the official runtime, on one model, by one client, in one run: alternating, as medians and ratios. Ours
alone without `--official-python`.

make bench ARGS="--official-python ../official/bin/python --runs 5 --json bench.json"
python -m bench.table bench.json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .plan import PLAN, Item
from .servers import Server, ServerFault, Side, official, official_tuned, ours, serve
from .stun import stun_server
from .viewer import CONNECT_SECONDS

RUN_SECONDS = 4 * CONNECT_SECONDS


def measure(item: Item, sides: list[Side], runs: int, stun: str) -> dict[str, Any]:
    """`runs` rounds, in each of which every side has its turn on a new process."""
    found: dict[str, dict[str, list[float]]] = {side.name: defaultdict(list) for side in sides}
    faults: list[str] = []
    for run in range(runs):
        for side in sides:
            _say(f"{item.name}: {side.name}, run {run + 1} of {runs}")
            try:
                figures = one_run(item, side, stun)
            except (ServerFault, TimeoutError, ConnectionError) as fault:
                faults.append(f"{side.name}, run {run + 1}: {type(fault).__name__}: {fault}")
                _say(faults[-1])
                continue
            for name, value in figures.items():
                found[side.name][name].append(value)
    return {
        "name": item.name,
        "sides": {side: {name: spread(values) for name, values in told.items()} for side, told in found.items()},
        "faults": faults,
    }


def one_run(item: Item, side: Side, stun: str) -> dict[str, float]:
    async def bounded(*given: Server) -> dict[str, float]:
        async with asyncio.timeout(RUN_SECONDS):
            return await item.measure(*given)

    if item.alone:
        return asyncio.run(bounded())
    with serve(side, item.case, stun) as server:
        try:
            return asyncio.run(bounded(server))
        except Exception as fault:
            raise ServerFault(f"{type(fault).__name__}: {fault}. The end of the server's log:\n{server.log}") from fault


def sides_of(item: Item, official_python: str | None) -> list[Side]:
    """Ours, and what it is compared with."""
    if not official_python or item.alone:
        return [ours()]
    return [ours(), official(official_python), *([official_tuned(official_python)] if item.tuned else [])]


def spread(values: list[float]) -> dict[str, float]:
    """The median of the runs, and the least and most."""
    return {
        "median": round(statistics.median(values), 3),
        "min": round(min(values), 3),
        "max": round(max(values), 3),
        "runs": len(values),
    }


def machine(official_python: str | None) -> dict[str, Any]:
    """What the figures are of."""
    return {
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "official_python": _version_of(official_python) if official_python else None,
        "openreactor": version("openreactor"),
        "reactor_webrtc": version("reactor-webrtc"),
        "reactor_sdk": version("reactor-sdk"),
    }


def _version_of(python: str) -> str:
    told = subprocess.run(
        [python, "-c", "import platform; print(platform.python_version())"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return told.stdout.strip()


def main(arguments: list[str] | None = None) -> int:
    """Measure and print, as JSON."""
    names = [item.name for item in PLAN]
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--official-python", metavar="PATH", help="of a venv made by bench.official")
    parser.add_argument("--runs", type=int, default=3, help="how often each side has its turn (default 3)")
    parser.add_argument("--only", nargs="+", choices=names, metavar="ITEM", default=names, help=", ".join(names))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write it there as well, item by item")
    options = parser.parse_args(arguments)
    python = options.official_python
    try:
        found: dict[str, Any] = {"bench": "compare", "machine": machine(python), "items": []}
    except (OSError, subprocess.SubprocessError) as problem:
        parser.error(f"--official-python {python}: {problem}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # a server that runs is stopped, as by Ctrl-C
    with stun_server() as stun:
        for item in PLAN:
            if item.name not in options.only:
                continue
            found["items"].append(measure(item, sides_of(item, python), options.runs, stun))
            found["machine"]["load_after"] = [round(load, 2) for load in os.getloadavg()]
            if options.json:
                options.json.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
