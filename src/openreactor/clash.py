"""Whether the package `reactor_runtime` that Python finds is this distribution's, and whole.

The official distribution, `reactor-runtime`, has a package of the same name. pip installs both into one folder without
a word; the files of the later one then lie over those of the earlier one, and removing either breaks the other.
"""

from __future__ import annotations

import importlib.util
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

_OURS = "openreactor"
_OFFICIAL = "reactor-runtime"
_PACKAGE = "reactor_runtime"
_BOTH_OUT = f'run "pip uninstall {_OFFICIAL} {_OURS}", then install {_OURS} again'


def name_clash() -> str | None:
    """What is wrong and what to do, in one line; None where nothing is. It imports nothing of `reactor_runtime`."""
    official = _site(_OFFICIAL)
    if official is not None and official == _site(_OURS):
        return (
            f"the distributions {_OURS} and {_OFFICIAL} are both installed in {official}, and each overwrites the "
            f"other's package {_PACKAGE}: {_BOTH_OUT}"
        )
    # Both of our packages lie side by side: in site-packages, or, installed for editing, in src.
    own = Path(__file__).resolve().parents[1] / _PACKAGE
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:  # what is left of a package that lost its __init__.py has no origin
        return f"files of {own} are missing, as after removing {_OFFICIAL}: {_BOTH_OUT}"
    if Path(spec.origin).resolve().parent == own:
        return None
    remedy = "rename or remove it" if official is None else _BOTH_OUT
    return f"Python finds another {_PACKAGE}, {spec.origin}, before that of {_OURS}: {remedy}"


def _site(name: str) -> Path | None:
    """The folder that a distribution is installed in; None where it is not installed."""
    try:
        return Path(str(distribution(name).locate_file(""))).resolve()
    except PackageNotFoundError:
        return None
