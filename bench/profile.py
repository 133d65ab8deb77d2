"""Where the server's CPU goes while one viewer watches 1280×720 at 30 fps: by thread, and by what Python's threads do.

python -m bench.profile [--natural] [--seconds 15]     # prints JSON; wants py-spy beside it, and Linux
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from .servers import Case, Server, ServerFault, ours, serve
from .viewer import viewer

WARM_UP_SECONDS = 3.0
SAMPLES_A_SECOND = 250

WAITING = ("wait (threading.py", "select (selectors.py", "_run (reactor_runtime/engine/worker.py", "cli/signals.py")
"""What stands last in the stack of a thread that waits; py-spy takes some of them for busy."""
ENGINE = "the media engine"
SHARES = (
    ("the model", ("bench_bars.py:42", "bench_bars.py:43", "bench_bars.py:44", "drawing.py")),
    ("encoding", ("media/vp8/encoder.py",)),
    ("conversion", ("media/planes.py", "media/frames.py", "media/pixels.py")),
    (ENGINE, ("webrtc/video/viewer.py", "webrtc/video/ticks.py")),
)
"""What a stack belongs to: the first of these with a mark in it."""
REST = "the rest of the runtime"


def share(stack: str) -> str:
    """Which of `SHARES` a stack of py-spy's belongs to, outermost frame first and separated by semicolons."""
    if ";" not in stack:
        return ENGINE  # a thread that Python has not started, with no Python on its stack
    return next((name for name, marks in SHARES if any(mark in stack for mark in marks)), REST)


def stacks_by_thread(lines: Iterable[str]) -> dict[str, Counter[str]]:
    """For each thread's number, how many samples were whose; those of waiting are left out. Each line is
    `thread (number): name;stack count`."""
    seen: dict[str, Counter[str]] = {}
    for line in lines:
        stack, _, count = line.rpartition(" ")
        leaf = stack.rpartition(";")[2]
        if stack.startswith("thread (") and not any(mark in leaf for mark in WAITING):
            thread = stack[len("thread (") : stack.index(")")]
            seen.setdefault(thread, Counter())[share(stack)] += int(count)
    return seen


def split(threads: Mapping[str, float], stacks: Mapping[str, Counter[str]]) -> dict[str, float]:
    """What each thread used, given to those whose samples it had; a thread without any is the media engine's."""
    found: Counter[str] = Counter()
    for thread, used in threads.items():
        samples = stacks.get(thread) or Counter({ENGINE: 1})
        for name, count in samples.items():
            found[name] += used * count / samples.total()
    return dict(found.most_common())


def thread_seconds(pid: int) -> dict[str, float]:
    """The CPU of each thread so far, in seconds, by its number."""
    tick = os.sysconf("SC_CLK_TCK")
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # it has ended meanwhile
            fields = (task / "stat").read_text().rpartition(")")[2].split()
            found[task.name] = (int(fields[11]) + int(fields[12])) / tick
    return found


async def profile(server: Server, seconds: float, py_spy: str) -> dict[str, object]:
    """Watch for `seconds` without py-spy, for the threads; then as long with it, for the stacks."""
    async with viewer(server.url):
        await asyncio.sleep(WARM_UP_SECONDS)
        before = thread_seconds(server.pid)
        await asyncio.sleep(seconds)
        after = thread_seconds(server.pid)
        with tempfile.TemporaryDirectory() as folder:
            stacks_file = Path(folder) / "stacks"
            order = [py_spy, "record", "--pid", str(server.pid), "--format", "raw", "--output", str(stacks_file)]
            order += ["--duration", str(round(seconds)), "--rate", str(SAMPLES_A_SECOND), "--threads"]
            recorder = await asyncio.create_subprocess_exec(
                *order, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
            )
            async with asyncio.timeout(4 * seconds + 30):
                _, said = await recorder.communicate()
            if recorder.returncode:
                raise RuntimeError(f"py-spy: {said.decode(errors='replace').strip()}")
            stacks = stacks_by_thread(stacks_file.read_text().splitlines())
    frames = seconds * server.case.fps
    used = {thread: (spent - before.get(thread, 0.0)) * 1000 / frames for thread, spent in after.items()}
    whole = sum(used.values())
    parts = split(used, stacks)
    return {
        "cpu_ms_per_frame": round(whole, 2),
        "ms_per_frame": {name: round(part, 2) for name, part in parts.items()},
        "percent": {name: round(100 * part / whole, 1) for name, part in parts.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__.split("\n\n")[0])
    parser.add_argument("--natural", action="store_true", help="a picture with texture, not flat bars")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long each of the two looks is")
    options = parser.parse_args()
    beside = Path(sys.executable).with_name("py-spy")
    py_spy = str(beside) if beside.exists() else shutil.which("py-spy")
    if py_spy is None:
        sys.exit("py-spy is not installed: .venv/bin/python -m pip install py-spy")
    case = Case(1280, 720, natural=options.natural)
    try:
        with serve(ours(), case) as server:
            print(json.dumps(asyncio.run(profile(server, options.seconds, py_spy)), indent=2))
    except (ServerFault, RuntimeError) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
