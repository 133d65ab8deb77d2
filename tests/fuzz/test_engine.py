"""Damaged offers reach the real media engine: each is answered or refused, and the engine goes on."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import astuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from reactor_runtime.counters import Counters
from reactor_runtime.errors import SignallingError
from reactor_runtime.transport.webrtc import Offer
from reactor_runtime.transport.webrtc.negotiation import plan
from tests.e2e.server import ROOT

from .budget import FACTOR
from .offers import RECORDED, TRACKS, hardly_damaged, offers

MOST = 40 * FACTOR
"""Offers that get as far as the engine."""
pytestmark = pytest.mark.timeout(120 * FACTOR)


def reaching() -> list[Offer]:
    """Damaged offers that have a plan, the same ones every time."""
    found: dict[str, Offer] = {}

    @settings(
        max_examples=12 * MOST,
        phases=[Phase.generate],
        derandomize=FACTOR == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(offers | hardly_damaged | hardly_damaged)
    def collect(offer: Offer) -> None:
        try:
            found[plan(offer, TRACKS, Counters()).sdp] = offer
        except SignallingError:
            return

    collect()
    kept = list(found.values())
    random.Random(1).shuffle(kept)
    return kept[:MOST]


def test_the_engine_survives_damaged_offers() -> None:
    told = reaching()
    assert len(told) == MOST
    lines = [json.dumps({"sdp": offer.sdp, "tracks": [astuple(track) for track in offer.tracks]}) for offer in told]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.engine_child"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=100 * FACTOR,
        check=False,
    )
    *outcomes, last = done.stdout.splitlines()
    answers = [json.loads(line) for line in outcomes]
    where = lines[len(answers) - len(RECORDED)][:3000] if len(answers) < len(lines) + len(RECORDED) else ""
    assert done.returncode == 0 and last == "closed", f"{done.returncode}: {done.stderr[-3000:]}\n{where}"
    good = answers[: len(RECORDED)] + answers[-len(RECORDED) :]
    assert all("answered" in answer for answer in good), good
    assert all("answered" in answer or answer["refused"] in range(400, 500) for answer in answers)
    assert sum("answered" in answer for answer in answers) > len(answers) / 4
