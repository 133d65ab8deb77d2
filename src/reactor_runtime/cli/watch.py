"""Which files have been saved."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path

import watchfiles

logger = logging.getLogger("reactor.reload")

_DEBOUNCE_MS = 100
"""An editor that saves a file in several strokes has done so within this time."""
_STEP_MS = 20
_TIMEOUT_MS = 500
_SECOND = 10**9

_Stamp = tuple[int, int]


class Watch:
    """Watches folders. What was saved between the import of the model and the first look is told first.

    Args:
        folders: where.
        matters: whether a file is to be told of.
        files: those that the model was made of.
        began: when the import of the model began, in ns since 1970: what was saved after that may not be in it.

    Attributes:
        folders: the outermost of them.
    """

    def __init__(
        self, folders: Collection[Path], matters: Callable[[Path], bool], files: Collection[Path], began: int
    ) -> None:
        self.folders = _outermost(folders)
        self._matters = matters
        self._stamps = {file: _stamp(file) for file in files}
        self._told: dict[str, tuple[Path, _Stamp]] = {}
        self._began = began

    async def saved(self) -> AsyncIterator[set[Path]]:
        """The files that have been saved, together where they were saved together, and each time once: the system may
        tell of one save in several events, and of what is none, as when the rights of a file change."""
        async for changes in watchfiles.awatch(
            *self.folders,
            watch_filter=lambda change, name: self._matters(Path(name)),
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=_TIMEOUT_MS,
            yield_on_timeout=True,
        ):
            saved = self._saved_meanwhile() | {file for _, name in changes if (file := self._news(name)) is not None}
            if saved:
                yield saved

    def _news(self, name: str) -> Path | None:
        """The file that has been saved where the system tells of `name`; None where it has not, or was told of."""
        file = Path(name).resolve()
        stamp = _stamp(file)
        same = self._told.get(name) == (file, stamp)
        self._told[name] = file, stamp
        # Where dates have whole seconds, another save may have the same.
        return None if same and stamp[0] % _SECOND else file

    def _saved_meanwhile(self) -> set[Path]:
        """What was saved before it was watched; at the first call only."""
        before, self._stamps = self._stamps, {}
        after = {file: _stamp(file) for file in before}
        self._told |= {str(file): (file, stamp) for file, stamp in after.items()}
        # A date in the future is that of another machine's clock, and would be after every beginning.
        recent = range(self._began + 1, time.time_ns() + 1)
        return {file for file, stamp in after.items() if stamp != before[file] or stamp[0] in recent}

    def say_where_it_ends(self, watching: asyncio.Task[None]) -> None:
        """A callback for the task that watches: nobody else would tell that it has failed."""
        if not watching.cancelled() and (error := watching.exception()) is not None:
            logger.error("files are not watched any more: %s", error, exc_info=error)


def _outermost(folders: Collection[Path]) -> list[Path]:
    """Those that lie in none of the others."""
    distinct = set(folders)
    return sorted(one for one in distinct if distinct.isdisjoint(one.parents))


def _stamp(file: Path) -> _Stamp:
    """When it was last written, in ns since 1970, and its bytes; zeros for one that is gone."""
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
