"""The tables of `docs/performance.md`, from what `bench.compare` printed.

python -m bench.table bench.json
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from .official import VERSION
from .plan import PLAN, Bar, Item

HEAD = "| what | ours | official | ratio | bar | met |\n|---|---|---|---|---|---|"


def table(found: dict[str, Any]) -> str:
    """A row for each bar of each item that was measured."""
    items = {item.name: item for item in PLAN}
    rows = [row(items[told["name"]], bar, told["sides"]) for told in found["items"] for bar in items[told["name"]].bars]
    faults = [f"- {told['name']}: {fault.splitlines()[0]}" for told in found["items"] for fault in told["faults"]]
    return "\n".join(
        [caption(found["machine"]), "", HEAD, *rows, *(["", "Runs that failed:", "", *faults] if faults else [])]
    )


def row(item: Item, bar: Bar, sides: dict[str, Any]) -> str:
    """A figure's medians, with their least and most, and whether ours meets the bar."""
    mine = sides["ours"].get(bar.figure)
    other = sides.get(bar.against or "official", {}).get(bar.figure)
    ratio = mine["median"] / other["median"] if mine and other and other["median"] else math.nan
    measured = ratio if bar.against else mine["median"] if mine else math.nan
    cells = [
        f"{bar.text}; {item.text}",
        cell(mine),
        cell(other),
        "–" if math.isnan(ratio) else f"{ratio:.2f}×",
        bar.words,
        "–" if math.isnan(measured) else "yes" if bar.met(measured) else "**no**",
    ]
    return f"| {' | '.join(cells)} |"


def cell(figure: dict[str, float] | None) -> str:
    if figure is None:
        return "–"
    median, least, most = (number(figure[key]) for key in ("median", "min", "max"))
    return f"{median} ({least} to {most})"


def number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 or not value else f"{value:.2f}"


def caption(machine: dict[str, Any]) -> str:
    other = f"official runtime {VERSION} on Python {machine['official_python']}, " if machine["official_python"] else ""
    return (
        f"{machine['date']} UTC, {machine['cores']} cores shared by server and client, "
        f"load {machine['load_before'][0]} before and {machine['load_after'][0]} after; "
        f"openreactor {machine['openreactor']} on Python {machine['python']}, "
        f"{other}"
        f"reactor-webrtc {machine['reactor_webrtc']}, reactor-sdk {machine['reactor_sdk']}. "
        "Medians of the runs (least to most)."
    )


if __name__ == "__main__":
    print(table(json.loads(Path(sys.argv[1]).read_text())))
