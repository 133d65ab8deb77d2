"""The author's modules: which they are, how they hang together, and how they are imported anew, or not at all."""

from __future__ import annotations

import ast
import contextlib
import enum
import gc
import importlib
import linecache
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ..interface.model import ReactorModel
from .importing import import_model

_NOT_THE_AUTHORS = {"site-packages", "dist-packages", ".venv", "venv", "node_modules", "__pycache__"}
_OURS = {"reactor_runtime", "openreactor"}


@dataclass(frozen=True, slots=True)
class Reimport:
    """The outcome of importing changed modules anew.

    Attributes:
        model: the class, as the new code has it.
        modules: the names of what was imported anew.
        adopt: moves objects of the old classes over to the new ones; for the thread that uses them.
        revert: puts the old modules back, for where the new code is not to be used after all.
    """

    model: type[ReactorModel]
    modules: tuple[str, ...]
    adopt: Callable[[], None]
    revert: Callable[[], None]


class Source:
    """The modules a model's class comes from. On one thread at a time.

    Args:
        target, root: as `import_model` takes them.
        model: the class that was imported.
    """

    def __init__(self, target: str, root: Path, model: type[ReactorModel]) -> None:
        self._target = target
        self._root = root.resolve()
        self._model = model.__module__
        package = _file_of(sys.modules[self._model.partition(".")[0]])
        self.folders = tuple(dict.fromkeys([self._root, *([package.parent] if package else [])]))
        """Where changes are to be looked for."""

    def modules(self) -> dict[str, Path]:
        """The author's imported modules, by name, and their files."""
        found: dict[str, Path] = {}
        for name, module in list(sys.modules.items()):
            file = _file_of(module) if name.partition(".")[0] not in _OURS else None
            if file is not None and self._is_authors(file):
                found[name] = file
        return found

    def uses(self, files: Collection[Path]) -> bool:
        """Whether one of `files` is that of a module in use."""
        return not set(files).isdisjoint(self.modules().values())

    def reimport(self, files: Collection[Path]) -> Reimport:
        """Import the modules of `files` anew, and those that import them.

        Where that fails everything is as it was.

        Raises:
            ModelError: the new code cannot be imported.
            ManifestError: the class is not in it any more.
        """
        mine = self.modules()
        stale = _with_dependents(mine, {name for name, file in mine.items() if file in files}) | {self._model}
        old = {name: sys.modules.pop(name) for name in stale if name in sys.modules}
        importlib.invalidate_caches()
        linecache.checkcache()

        def revert() -> None:
            for name in self.modules().keys() - mine.keys() | stale:
                sys.modules.pop(name, None)
            sys.modules.update(old)
            _reattach(old)

        try:
            model = import_model(self._target, self._root)
        except BaseException:
            revert()
            raise
        new = {name: sys.modules[name] for name in old if name in sys.modules}
        return Reimport(model, tuple(sorted(new)), lambda: _adopt(old, new), revert)

    def _is_authors(self, file: Path) -> bool:
        if not any(file.is_relative_to(folder) for folder in self.folders):
            return False
        return _NOT_THE_AUTHORS.isdisjoint(file.parts)


def _file_of(module: ModuleType | None) -> Path | None:
    name = getattr(module, "__file__", None)
    return Path(name).resolve() if isinstance(name, str) and name.endswith(".py") else None


def _with_dependents(modules: Mapping[str, Path], changed: set[str]) -> set[str]:
    """`changed`, and every module that imports one of them, directly or not."""
    imports = {name: set(_imports(name, file)) for name, file in modules.items()}
    stale = set(changed)
    while True:
        more = {name for name, used in imports.items() if not used.isdisjoint(stale)} - stale
        if not more:
            return stale
        stale |= more


def _imports(name: str, file: Path) -> Iterator[str]:
    """The names of the modules that the source in `file` imports, wherever in it; none where it is no Python."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _parents(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".") if package else []
                kept = parts[: len(parts) - node.level + 1]
                base = ".".join([*kept, *([node.module] if node.module else [])])
            yield from _parents(base)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _parents(name: str) -> Iterator[str]:
    """`a.b.c`, `a.b` and `a`: importing the first imports all."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def _reattach(modules: Mapping[str, ModuleType]) -> None:
    """A submodule is an attribute of its package too, which a failed import may have replaced."""
    for name, module in modules.items():
        package, _, own = name.rpartition(".")
        if package in sys.modules:
            setattr(sys.modules[package], own, module)


def _adopt(old: Mapping[str, ModuleType], new: Mapping[str, ModuleType]) -> None:
    """Give every object of an old class the new class of the same name; one that cannot have it stays as it is."""
    pairs = dict(_class_pairs(old, new))
    enums = {before: after for before, after in pairs.items() if issubclass(before, enum.Enum)}
    for before, after in pairs.items():
        if before not in enums:
            for instance in _instances(before):
                # another layout (`__slots__`) cannot be given: such an object works on with the code it was made by
                with contextlib.suppress(TypeError):
                    instance.__class__ = after
            for instance in _instances(after):
                _renew_members(instance, enums)


def _instances(cls: type) -> list[Any]:
    return [holder for holder in gc.get_referrers(cls) if type(holder) is cls]


def _renew_members(holder: Any, enums: Mapping[type, type]) -> None:
    """Members of an old Enum equal none of the new one's, so attributes get the member of the same name."""
    for name, value in list(getattr(holder, "__dict__", {}).items()):
        after = enums.get(type(value))
        if after is not None and issubclass(after, enum.Enum) and value.name in after.__members__:
            holder.__dict__[name] = after[value.name]


def _class_pairs(old: Mapping[str, ModuleType], new: Mapping[str, ModuleType]) -> Iterator[tuple[type, type]]:
    for name, module in new.items():
        for key, before in list(vars(old[name]).items()):
            after = vars(module).get(key)
            if isinstance(before, type) and isinstance(after, type) and before.__module__ == name:
                yield before, after
