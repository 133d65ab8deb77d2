"""A server that does not start says why; what a traceback quotes of the official runtime is not kept."""

import re
import sys
from pathlib import Path

import pytest

from bench.servers import Case, ServerFault, Side, ours, serve


def stand_in(folder: Path, source: str) -> Side:
    """A side whose process runs `source` whatever it is asked for."""
    program = folder / "python"
    program.write_text(f"#!{sys.executable}\n{source}")
    program.chmod(0o755)
    return Side("official", str(program), official=True)


def test_a_server_that_ends_says_what_it_said_and_quotes_nothing(tmp_path: Path) -> None:
    side = stand_in(tmp_path, "def inner_secret():\n    raise ValueError('no such thing')\ninner_secret()\n")
    with pytest.raises(ServerFault, match="ended with status 1 before it was ready") as fault, serve(side, Case()):
        pass
    assert "ValueError: no such thing" in str(fault.value)
    assert "inner_secret" not in str(fault.value)


def test_either_is_told_the_same_of_the_model() -> None:
    case = Case(1280, 720, step_ms=25, fps=24, batch=12, natural=True)
    command = " ".join(ours().command(case, 8000))
    environment = Side("official", "python", True).surroundings(case, 8000, "stun:127.0.0.1:1")
    told = {key.lower(): value for key, value in re.findall(r"--model\.(\w+)=(\S+)", command)}
    picture = {"width": "1280", "height": "720", "natural": "1", "fps": "24", "batch": "12"}
    assert told == picture | {"step_ms": "25", "idle": "0"}
    assert {key: environment[f"BENCH_{key.upper()}"] for key in told} == told


def test_the_official_runtime_is_given_a_stun_server_whatever_the_case_and_none_of_our_source() -> None:
    side = Side("official", "python", True)
    assert side.surroundings(Case(), 8000, "stun:127.0.0.1:1")["STUN_SERVERS"] == "stun:127.0.0.1:1"
    assert side.surroundings(Case(stun="stun:203.0.113.1:1"), 8000, "")["STUN_SERVERS"] == "stun:203.0.113.1:1"
    assert not (Path(side.surroundings(Case(), 8000, "")["PYTHONPATH"]) / "reactor_runtime").exists()
