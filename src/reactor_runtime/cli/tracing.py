"""`reactor run --trace FILE`: where it may write."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ScriptError


def trace_file(text: str | None) -> Path | None:
    """The file of the first session's script; None where none is wanted.

    Raises:
        ScriptError: no script can be written there.
    """
    if text is None:
        return None
    path = Path(text).expanduser()
    if not path.name or path.is_dir():
        raise ScriptError(f"--trace: {text!r} is a folder; name a file in it, such as {path / 'drive.jsonl'}")
    if not path.parent.is_dir():
        raise ScriptError(f"--trace: no such folder: {path.parent}")
    if path.suffix == ".files":
        raise ScriptError(f"--trace: {text!r} would be the folder of its own files; name it {path.stem}.jsonl")
    if not os.access(path.parent, os.W_OK):
        raise ScriptError(f"--trace: nothing may be written in {path.parent}")
    return path
