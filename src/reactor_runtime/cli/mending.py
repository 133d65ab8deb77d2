"""`reactor run --reload` with a model that cannot be imported or loaded: the server goes on, and waits until it is
mended."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import watchfiles

from ..author_frames import is_authors
from ..errors import ManifestError, ModelError, ReactorError
from ..interface.model import ReactorModel
from ..manifest import Manifest, Override, read_manifest
from .keyboard import on_lines
from .watch import Watch

logger = logging.getLogger("reactor.reload")


class StandIn(ReactorModel):
    """Takes the place of a model that cannot be imported, so that the server can say so: it fails to load with what
    the import failed with."""

    failure: ClassVar[ReactorError]

    def load(self, config: Mapping[str, Any]) -> None:
        raise ModelError(str(self.failure)) from self.failure


def stand_in(target: str, error: ReactorError) -> type[StandIn]:
    """The class in the place of the one that `target` names."""
    return type(Path(target.rpartition(":")[2]).stem, (StandIn,), {"failure": error})


def source_watch(manifest: Manifest, error: ReactorError, began: int) -> Watch:
    """A watch of what can mend `error`, with which the import of the model failed.

    Args:
        began: when the import began, in ns since 1970.
    """
    root = manifest.root.resolve()
    extra = {file.resolve() for file in (manifest.config_path, manifest.file) if file is not None}
    passed = set(_passed(error))
    python = watchfiles.PythonFilter()
    folders = {root, *(file.parent for file in extra | passed)}

    def matters(file: Path) -> bool:
        return file in extra or python(watchfiles.Change.modified, str(file))

    return Watch(folders, matters, extra | passed | set(_imported(root)), began)


def _imported(root: Path) -> Iterator[Path]:
    """What has been imported from a folder."""
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if isinstance(name, str) and (file := Path(name).resolve()).is_relative_to(root):
            yield file


def _passed(error: BaseException | None) -> Iterator[Path]:
    """The author's files that an error, or what caused it, has passed."""
    while error is not None:
        for frame in traceback.extract_tb(error.__traceback__):
            if is_authors(frame):
                yield Path(frame.filename).resolve()
        if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_file():
            yield Path(error.filename).resolve()
        error = error.__cause__


async def mended(watch: Watch, path: str, overrides: Collection[Override]) -> None:
    """Wait until a file has been saved, or r and Enter typed, and a start from scratch can be tried.

    Args:
        path, overrides: as the command line gave them.
    """
    asked = asyncio.Event()

    async def follow() -> None:
        async for _ in watch.saved():
            asked.set()

    on_lines(lambda line: asked.set() if line.strip().lower() == "r" else None)
    following = asyncio.create_task(follow(), name="watch files")
    following.add_done_callback(watch.say_where_it_ends)
    logger.warning(
        "the server goes on and waits for a change in %s: a saved file starts it anew, as r and Enter do",
        ", ".join(map(str, watch.folders)),
    )
    try:
        while True:
            await asked.wait()
            asked.clear()
            if can_start_anew(path, overrides):
                return
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def can_start_anew(path: str, overrides: Collection[Override]) -> bool:
    """Whether the manifest can be read; where it cannot, the log says why, since a process that is started anew would
    end there."""
    try:
        read_manifest(path, overrides)
    except ManifestError as error:
        logger.error("%s; the server goes on as it is: mend that too", error)
        return False
    return True
