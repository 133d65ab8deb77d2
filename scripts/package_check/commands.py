"""Programs run to their end, with nothing of this checkout in their environment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

SECONDS = 300.0
"""How long a program may take: pip may have to download 100 MB."""


class CheckFailed(Exception):
    """What was built is not what was meant; the message says where."""


def environment() -> dict[str, str]:
    """This process's environment without what would let Python find this checkout, or another environment."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON") and name != "VIRTUAL_ENV"
    }


def run(command: Sequence[str | Path], folder: Path, *, status: int = 0, seconds: float = SECONDS) -> str:
    """Run a program in `folder`; returns what it wrote.

    Raises:
        CheckFailed: its exit status is not `status`, or it runs longer than `seconds`; the message has all it wrote.
    """
    shown = " ".join(str(word) for word in command)
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CheckFailed(f"{shown}: not over after {seconds:g} s:\n{(error.output or b'').decode()}") from error
    if done.returncode != status:
        raise CheckFailed(f"{shown}: exit status {done.returncode}, not {status}:\n{done.stdout}")
    return done.stdout
