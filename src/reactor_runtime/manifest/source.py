"""The author's modules: which they are, how they hang together, and how they are imported anew, or not at all."""

from __future__ import annotations

import ast
import importlib
import linecache
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ..interface.model import ReactorModel
from .adoption import adopt
from .importing import import_failed, import_model

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
        self._known: dict[str, Path] = {}
        self._refused: set[Path] = set()
        package = _file_of(sys.modules[self._model.partition(".")[0]])
        self.folders = tuple(dict.fromkeys([self._root, *([package.parent] if package else [])]))
        """Where changes are to be looked for."""

    def modules(self) -> dict[str, Path]:
        """The author's imported modules, by name, and their files."""
        found: dict[str, Path] = {}
        for name, module in list(sys.modules.items()):
            file = _file_of(module) if name.partition(".")[0] not in _OURS else None
            if file is not None and self.holds(file):
                found[name] = file
        self._known.update(found)
        return found

    def holds(self, file: Path) -> bool:
        """Whether a file is one of the author's, in use or not."""
        within = [file.relative_to(folder).parts for folder in self.folders if file.is_relative_to(folder)]
        return any(_NOT_THE_AUTHORS.isdisjoint(parts) for parts in within)

    def uses(self, files: Collection[Path]) -> bool:
        """Whether a change of `files` may change the model: they are those of modules in use, or code that was refused
        may be mended by them."""
        if self._refused and any(file.suffix == ".py" for file in files):
            return True
        self.modules()
        return not set(files).isdisjoint(self._known.values())

    def reimport(self, files: Collection[Path]) -> Reimport:
        """Import the modules of `files` anew, and those that import them, and what was refused before.

        Where that fails everything is as it was.

        Raises:
            ModelError: the new code cannot be imported.
            ManifestError: the class is not in it any more.
        """
        mine = {**self._known, **self.modules()}
        changed = {*files, *self._refused}
        self._refused = changed
        _check_syntax(sorted(changed.intersection(mine.values())), self._root)
        stale = _with_dependents(mine, {name for name, file in mine.items() if file in changed}) | {self._model}
        old = {name: sys.modules.pop(name) for name in stale if name in sys.modules}
        importlib.invalidate_caches()
        linecache.checkcache()

        def revert() -> None:
            for name in self.modules().keys() - mine.keys() | stale:
                sys.modules.pop(name, None)
            sys.modules.update(old)
            _reattach(old)
            self._refused = changed

        try:
            model = import_model(self._target, self._root)
            for name in sorted(old.keys() - sys.modules.keys()):  # what is imported within functions only
                _import_again(name, self._root)
        except BaseException:
            revert()
            raise
        self._refused = set()
        _reattach({name: sys.modules[name] for name in mine if name in sys.modules})
        new = {name: sys.modules[name] for name in old if name in sys.modules}
        return Reimport(model, tuple(sorted(new)), lambda: adopt(old, new), revert)


def _check_syntax(files: Iterable[Path], root: Path) -> None:
    """Refuse what is no Python before anything is touched: a module that is out of place, even for a moment, would be
    imported by a model that imports within its functions."""
    for file in files:
        try:
            compile(file.read_bytes(), str(file), "exec")
        except (SyntaxError, ValueError) as error:
            import_failed(file.stem, root, error)
        except OSError:  # it is gone, which the import will tell
            continue


def _import_again(name: str, root: Path) -> None:
    try:
        importlib.import_module(name)
    except (Exception, SystemExit) as error:
        import_failed(name, root, error)


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
