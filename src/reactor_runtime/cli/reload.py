"""`reactor run --reload`: a saved file changes the code of the model that runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from functools import partial
from pathlib import Path

from ..author_frames import author_frame
from ..engine.load_failure import in_words, one_line
from ..engine.replacement import FreshLoad, Replacement
from ..engine.runtime import Runtime
from ..errors import ManifestError, ModelError, ReactorError, ReloadError, error_name
from ..interface.model import ReactorModel, handlers_of
from ..manifest import Manifest, Override, Reimport, Source, fingerprint, own_print, read_manifest
from .keyboard import on_lines
from .mending import can_start_anew
from .progress import show_progress
from .watch import Watch

logger = logging.getLogger("reactor.reload")

_HOOKS = ("session_started", "connected")
_KEYS = "r and Enter in this terminal loads the model anew, Ctrl-C ends"


class Reloader:
    """Puts new code under the model that runs. On the server's loop; make it when the model has been imported.

    Args:
        runtime: runs the model.
        manifest: what is served.
        path, overrides: as the command line gave them, to read the manifest and the config again.
        began: when the import of the model began, in ns since 1970 (see `Watch`).

    Attributes:
        watch: the model's files.
    """

    def __init__(
        self, runtime: Runtime, manifest: Manifest, path: str, overrides: Collection[Override], *, began: int
    ) -> None:
        self._runtime = runtime
        self._manifest = manifest
        self._path = path
        self._overrides = overrides
        self._source = Source(manifest.target, manifest.root, runtime.model)
        self._extra = [file.resolve() for file in (manifest.config_path, manifest.file) if file is not None]
        self._config_changed = False
        self._manifest_changed = False
        self._beyond_code: str | None = None
        self._load_failed = False
        self._asked = asyncio.Event()
        self._busy = asyncio.Lock()
        self._loaded_print = self._load_print(runtime.model)
        folders = [*self._source.folders, *(file.parent for file in self._extra)]
        self.watch = Watch(folders, self._matters, {*self._source.modules().values(), *self._extra}, began)
        runtime.awaits_new_code = True

    async def run(self) -> None:
        """Watch until a start from scratch is asked for. Begin once the model has loaded."""
        on_lines(self._line)
        files = asyncio.create_task(self._watch_files(), name="watch files")
        requests = asyncio.create_task(self._serve_requests(), name="reload on request")
        files.add_done_callback(self.watch.say_where_it_ends)
        try:
            await requests
        finally:
            for task in (files, requests):
                task.cancel()
            await asyncio.gather(files, requests, return_exceptions=True)

    def _line(self, line: str) -> None:
        """Something was typed."""
        if line.strip().lower() == "r":
            self._asked.set()
        elif line.strip():
            logger.info(_KEYS)

    async def _watch_files(self) -> None:
        logger.info("watching %s; %s", ", ".join(map(str, self.watch.folders)), _KEYS)
        async for files in self.watch.saved():
            async with self._busy:
                await self._changed(files)

    async def _serve_requests(self) -> None:
        """Returns where what is asked for takes a start from scratch."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            async with self._busy:
                if not (self._manifest_changed or self._beyond_code):
                    await self._load_anew()
                elif can_start_anew(self._path, self._overrides):
                    return

    def _matters(self, file: Path) -> bool:
        return file in self._extra or (file.suffix == ".py" and self._source.holds(file))

    # -- what has changed

    async def _changed(self, files: set[Path]) -> None:
        extra = files.intersection(self._extra)
        self._manifest_changed |= self._manifest.file in extra
        self._config_changed |= self._manifest.config_path in extra
        used = self._source.uses(files)
        if used:
            await self._new_code(files)
        if used and self._load_failed and not self._beyond_code and not self._manifest_changed:
            await self._load_anew()  # it was asked for, and there is nothing that it could end
        else:
            self._say_what_waits()

    async def _new_code(self, files: set[Path]) -> None:
        names = ", ".join(sorted(file.name for file in files if file.suffix == ".py"))
        began = self._runtime.clock.now()
        hooks = self._hook_prints(self._runtime.model)
        new: Reimport | None = None
        try:
            new = await asyncio.to_thread(self._source.reimport, files)
            changed = frozenset(kind for kind, print_ in self._hook_prints(new.model).items() if print_ != hooks[kind])
            swapped = partial(self._swapped, new, names, changed, began)
            await self._runtime.replace_model(Replacement(new.model, swapped, rerun=changed))
        except Exception as error:
            if new is not None:
                new.revert()
            self._refused(names, error)
            return
        self._beyond_code = None

    def _swapped(self, new: Reimport, names: str, changed: Collection[str], began: float) -> None:
        """The class has been replaced. On the model's loop, before any of the new code runs: it may fail at once, and
        the log is to say first what it is that fails."""
        new.adopt()
        again = f"; runs {' and '.join(f'@{kind}' for kind in _HOOKS if kind in changed)} again" if changed else ""
        logger.info("%s: the new code runs (%.0f ms)%s", names, (self._runtime.clock.now() - began) * 1000, again)

    def _refused(self, names: str, error: Exception) -> None:
        ours = isinstance(error, ReactorError)  # then it says all there is to say
        what = one_line(str(error)) if ours else in_words(error)
        logger.error("%s: %s; the code from before goes on", names, what, exc_info=None if ours else error)
        told = f"{_with_place(names, error)}; the code from before goes on"
        if isinstance(error, ReloadError) and error.restart:
            self._beyond_code = f"{names} takes more than new code"
            told += ": r and Enter in the server's terminal start the server anew"
        self._runtime.code_refused(told)

    def _say_what_waits(self) -> None:
        manifest = _has_changed(self._manifest.file, self._manifest_changed)
        config = _has_changed(self._manifest.config_path, self._config_changed)
        same_load = self._load_print(self._runtime.model) == self._loaded_print
        load = None if same_load else "load() or what it uses has changed"
        if restart := "; ".join(filter(None, (manifest, self._beyond_code))):
            logger.warning("%s: press r and Enter to start the server anew", restart)
        elif reasons := "; ".join(filter(None, (config, load))):
            logger.warning("%s: press r and Enter to load the model anew", reasons)

    # -- a fresh load

    async def _load_anew(self) -> None:
        began = self._runtime.clock.now()
        logger.info("loading the model anew")
        progress = asyncio.create_task(show_progress(self._runtime.name, self._runtime.clock), name="progress")
        try:
            self._manifest = read_manifest(self._path, self._overrides)
            load = FreshLoad(self._manifest.config, self._manifest.config_path)
            await self._runtime.replace_model(Replacement(self._runtime.model, load=load))
        except (ManifestError, ReloadError) as error:  # before anything was touched
            told = f"{one_line(str(error))}; the model goes on as it was loaded"
            logger.error("%s", told)
            self._runtime.code_refused(told)
            if isinstance(error, ReloadError) and error.restart:
                self._beyond_code = "a fresh load is not enough"
            return
        except Exception as error:  # load() may raise anything
            self._load_failed = True
            self._runtime.load_failed(error)
            logger.exception("load() failed with %s: mend it and save it, and it is loaded again", error_name(error))
            return
        finally:
            progress.cancel()
            await asyncio.gather(progress, return_exceptions=True)
        self._config_changed = False
        self._load_failed = False
        self._loaded_print = self._load_print(self._runtime.model)
        logger.info("the model is loaded anew (%.1f s)", self._runtime.clock.now() - began)

    # -- prints of code

    def _load_print(self, model: type[ReactorModel]) -> object:
        modules = self._source.modules().keys()
        return fingerprint(model.load, modules, model), fingerprint(model.__init__, modules, model)

    def _hook_prints(self, model: type[ReactorModel]) -> dict[str, object]:
        hooks = handlers_of(model).hooks
        return {kind: own_print(getattr(model, hooks[kind].attribute)) if kind in hooks else () for kind in _HOOKS}


def _with_place(names: str, error: Exception) -> str:
    """What is wrong with new code, after the line where it is, or else after the files that were saved."""
    cause = error.__cause__ if isinstance(error, ModelError) else error  # that of an import that failed
    if isinstance(cause, SyntaxError) and cause.filename:
        return f"{Path(cause.filename).name}:{cause.lineno}: {error_name(cause)}: {cause.msg}"
    cause = cause or error
    frame = author_frame(cause)
    place = f"{Path(frame.filename).name}:{frame.lineno}" if frame is not None else names
    return f"{place}: {one_line(str(error)) if cause is error and isinstance(error, ReactorError) else in_words(cause)}"


def _has_changed(file: Path | None, changed: bool) -> str | None:
    return f"{file.name} has changed" if changed and file is not None else None
