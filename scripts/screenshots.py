"""Take the pictures of the studio that the README and the documentation show, into docs/images.

`python -m scripts.screenshots` serves the examples, opens their page in a headless Chromium, paints on it, and writes
what it shows. The figures in the pictures are those of this machine.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.browser_tools import HARNESS, ROOT, ToolMissing, check_packages, chromium, node, tool_environment
from tests.e2e.server import serve

_SECONDS = 300.0


def main() -> int:
    """Take them; 1 where a tool is missing or a picture could not be taken."""
    try:
        browser, program = chromium(), node()
        check_packages()
    except ToolMissing as problem:
        print(problem, file=sys.stderr)
        return 1
    folder = ROOT / "docs" / "images"
    folder.mkdir(exist_ok=True)
    examples = ROOT / "examples"
    with serve(examples / "paint") as paint, serve(examples / "duet") as duet:
        driver: list[str | Path] = [program, HARNESS / "screenshots.mjs", "--paint", paint.url, "--duet", duet.url]
        command = [*driver, "--chromium", browser, "--folder", folder]
        try:
            done = subprocess.run(command, cwd=HARNESS, env=tool_environment(), timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            print(f"the pictures were not taken within {_SECONDS:g} s", file=sys.stderr)
            return 1
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
