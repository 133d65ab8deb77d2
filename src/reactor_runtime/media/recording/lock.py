"""A folder that one process at a time may use: a file in it, locked with the system's own lock, which goes with the
process however that ends."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import IO

logger = logging.getLogger("reactor.recording")

_NAME = ".lock"


class FolderTaken(OSError):
    """Another process uses the folder."""


class FolderLock:
    """Held from when it is made until `release`, or until the process ends. The file stays.

    Args:
        folder: it is there.

    Raises:
        FolderTaken: another process, or another lock of this one, holds it.
        OSError: the file cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        file = folder / _NAME
        self._file: IO[str] = file.open("a+")
        try:
            _lock(self._file)
        except (BlockingIOError, PermissionError) as error:
            owner = _owner(self._file)
            self._file.close()
            raise FolderTaken(f"{owner} uses it already") from error
        except OSError as error:  # some file systems know no locks
            logger.warning("%s cannot be locked (%s): see to it that no other server uses it", folder, error.strerror)
        try:
            self._file.truncate(0)
            self._file.write(str(os.getpid()))
            self._file.flush()
        except OSError:  # a full disk: it is locked all the same, and only does not say by whom
            logger.debug("%s does not say who holds it", file)

    def release(self) -> None:
        """Let another process have it."""
        self._file.close()


def _owner(file: IO[str]) -> str:
    try:
        file.seek(0)
        text = file.read(20)
    except OSError:
        text = ""
    return f"process {text}" if text.isdigit() else "another process"


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(1 << 30)  # beyond what is written: a locked range cannot be read by others
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
