"""The official runtime, as a black box: its published wheel in a venv of its own, beside nothing of ours.

python -m bench.official --make ../official     # prints the interpreter to give to --official-python
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "3.10.0"
PYTHONS = ("python3.12", "python3.13", "python3.14")
INSTALL_SECONDS = 600


def make(folder: Path, python: str | None = None) -> Path:
    """Make the venv, and return its interpreter.

    Raises:
        FileNotFoundError: there is no Python that the wheel runs on.
        subprocess.SubprocessError: pip did not install it.
    """
    found = python or next(filter(None, map(shutil.which, PYTHONS)), None)
    if not found:
        raise FileNotFoundError("the official runtime needs Python 3.12 or above: name one with --python PATH")
    alone = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run([found, "-m", "venv", str(folder)], check=True, timeout=INSTALL_SECONDS, env=alone)
    interpreter = folder.absolute() / "bin" / "python"
    wanted = f"reactor-runtime=={VERSION}"
    pip = [str(interpreter), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", wanted]
    subprocess.run(pip, check=True, timeout=INSTALL_SECONDS, env=alone, stdout=sys.stderr)
    return interpreter


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.official", description=__doc__.split("\n\n")[0])
    parser.add_argument("--make", type=Path, required=True, metavar="DIR", help="where the venv is to be")
    parser.add_argument("--python", metavar="PATH", help=f"what to make it with (the first of {', '.join(PYTHONS)})")
    options = parser.parse_args()
    try:
        print(make(options.make, options.python))
    except (FileNotFoundError, subprocess.SubprocessError) as problem:
        sys.exit(f"no venv for the official runtime: {problem}")


if __name__ == "__main__":
    main()
