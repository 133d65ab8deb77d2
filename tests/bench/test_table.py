"""The table says of each figure what it was beside the official runtime's, and whether it meets its bar."""

import math
from typing import Any

import pytest

from bench.compare import spread
from bench.plan import PLAN, Bar
from bench.table import table

MACHINE = {
    "date": "2026-01-01 00:00",
    "cores": 2,
    "load_before": [0.1],
    "load_after": [0.2],
    "openreactor": "0",
    "python": "3",
    "official_python": "3",
    "reactor_webrtc": "0",
    "reactor_sdk": "0",
}


def found(name: str, faults: tuple[str, ...] = (), **sides: dict[str, list[float]]) -> dict[str, Any]:
    told = {side: {figure: spread(values) for figure, values in figures.items()} for side, figures in sides.items()}
    return {"machine": MACHINE, "items": [{"name": name, "sides": told, "faults": list(faults)}]}


def cells(text: str, begins: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[2:-1]] for line in text.splitlines() if line.startswith(begins)]


def test_a_ratio_of_medians_is_held_to_its_bar() -> None:
    mine, theirs = (
        {"connect_to_first_frame_ms": [70.0, 90.0, 75.0]},
        {"connect_to_first_frame_ms": [150.0, 100.0, 300.0]},
    )
    assert cells(table(found("connect", ours=mine, official=theirs)), "| connect →") == [
        ["75.0 (70.0 to 90.0)", "150 (100 to 300)", "0.50×", "≤ 0.75×", "yes"]
    ]
    assert cells(table(found("connect", ours=theirs, official=mine)), "| connect →")[0][2:] == [
        "2.00×",
        "≤ 0.75×",
        "**no**",
    ]


def test_ours_alone_is_held_to_the_bars_that_need_nothing_beside_it() -> None:
    told = found("viewers", ours={"cpu_percent_each": [1.0], "threads_each": [3.0]})
    told["machine"] = MACHINE | {"official_python": None}
    text = table(told)
    assert "official runtime" not in text
    assert cells(text, "| each further")[0] == ["1.0 (1.0 to 1.0)", "–", "–", "≤ 2", "yes"]
    assert cells(text, "| threads for")[0] == ["3.0 (3.0 to 3.0)", "–", "–", "≤ 1×", "–"]


def test_what_was_not_measured_is_neither_met_nor_missed_and_says_why() -> None:
    text = table(found("connect", ("official, run 1: it ended\nand more",), ours={}, official={}))
    assert cells(text, "| connect →") == [["–", "–", "–", "≤ 0.75×", "–"]]
    assert text.endswith("- connect: official, run 1: it ended")


@pytest.mark.parametrize(
    ("bar", "measured", "met"),
    [
        (Bar("f", "t", 2), 2.0, True),
        (Bar("f", "t", 2), 2.1, False),
        (Bar("f", "t", 3, at_least=True), 3.0, True),
        (Bar("f", "t", 3, at_least=True), 2.9, False),
        (Bar("f", "t", 2), math.nan, False),
    ],
)
def test_a_bar_is_met(bar: Bar, measured: float, met: bool) -> None:
    assert bar.met(measured) is met


def test_each_item_has_a_name_of_its_own_and_is_tuned_where_a_bar_asks_for_that() -> None:
    assert len({item.name for item in PLAN}) == len(PLAN)
    for item in PLAN:
        assert item.bars
        assert not (item.alone and any(bar.against for bar in item.bars)), "there is nothing beside it"
        assert item.tuned == any(bar.against == "official_tuned" for bar in item.bars)
