"""Looks for bytes that a target does not stand, guided by what of its code they reach.

`python -m tests.fuzz.guided TARGET [FOLDER …] [-runs=N] [-max_total_time=SECONDS]`, with the options of libFuzzer; what
is found interesting is added to the first folder.
"""

from __future__ import annotations

import logging
import sys

import atheris

with atheris.instrument_imports(include=["reactor_runtime"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    logging.disable(logging.CRITICAL)
    program, name, *options = sys.argv
    atheris.Setup([program, *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
