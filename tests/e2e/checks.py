"""The official clients, run as programs that print one JSON object for each of their checks."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Checks:
    """What a client found."""

    rows: tuple[dict[str, Any], ...]
    status: int
    stderr: str

    def passed(self, name: str) -> bool:
        """Whether the check `name` was made and passed."""
        return any(row["name"] == name and row["ok"] for row in self.rows)

    def assert_passed(self, *wanted: str) -> None:
        """Every required check passed, the client came to its end, and the optional checks `wanted` passed too."""
        names = [row["name"] for row in self.rows]
        failed = [row for row in self.rows if row.get("required") and not row["ok"]]
        failed += [row for row in self.rows if row["name"] in wanted and not row["ok"]]
        missing = [name for name in (*wanted, "SUMMARY") if name not in names]
        if failed or missing or self.status:
            lines = [f"FAILED {json.dumps(row)}" for row in failed]
            lines += [f"NOT MADE {name}" for name in missing]
            lines += [f"made: {', '.join(names)}", f"exit status {self.status}", self.stderr[-4000:]]
            raise AssertionError("the client's checks did not pass\n" + "\n".join(lines))


def run_checks(
    command: Sequence[str | Path], *, seconds: float, cwd: Path, env: Mapping[str, str] | None = None
) -> Checks:
    """Run a client to its end, or for `seconds` at most."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Checks(_rows(done.stdout), done.returncode, done.stderr)
    except subprocess.TimeoutExpired as late:
        said = f"{_text(late.stderr)}\nstopped: it did not end within {seconds:g} s"
        return Checks(_rows(_text(late.stdout)), 124, said)


def _rows(output: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in output.splitlines() if line.startswith("{"))


def _text(output: str | bytes | None) -> str:
    return output.decode(errors="replace") if isinstance(output, bytes) else output or ""
