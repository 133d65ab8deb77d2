"""Whether an installed `reactor run` serves a model, and stops when told to."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
import urllib.request

from .commands import CheckFailed, environment
from .environments import Environment

SECONDS = 60.0
"""How long a server may take from its start to its end."""


def check_serving(installed: Environment, workspace: str) -> None:
    """It listens, loads, answers, and ends with 0 on SIGTERM.

    Args:
        workspace: what to serve, as `reactor run` takes it.

    Raises:
        CheckFailed: it does not.
    """
    with subprocess.Popen(
        [installed.program("reactor"), "run", workspace, "--port", "0"],
        cwd=installed.folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        deadline = threading.Timer(SECONDS, process.kill)
        deadline.start()
        try:
            said = _ask_and_stop(process)
            status = process.wait()
        finally:
            deadline.cancel()
            process.kill()
    if status != 0 or "is ready: open http" not in said:
        raise CheckFailed(f"reactor run {workspace}: exit status {status}, not 0 after SIGTERM:\n{said}")


def _ask_and_stop(process: subprocess.Popen[str]) -> str:
    """Follow a server that starts; once its model is ready, look at its answers and stop it. Returns what it wrote."""
    assert process.stdout is not None
    said, url = "", None
    for line in process.stdout:
        said += line
        if found := re.match(r"listening on (http://\S+)$", line):
            url = found[1]
        elif url is not None and f"is ready: open {url}" in line:
            _check_answers(url)
            process.send_signal(signal.SIGTERM)
    return said


def _check_answers(url: str) -> None:
    with urllib.request.urlopen(f"{url}/health", timeout=SECONDS) as reply:
        health = json.load(reply)
    if health["state"] != "available":
        raise CheckFailed(f"/health says {health}")
    with urllib.request.urlopen(f"{url}/", timeout=SECONDS) as reply:
        page = reply.read()
    if not page.lower().startswith(b"<!doctype html>"):
        raise CheckFailed(f"/ is no page: {page[:80]!r}")
