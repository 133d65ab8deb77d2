"""From `module:Class` or a Python file to the model's class."""

from __future__ import annotations

import abc
import difflib
import importlib
import importlib.util
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from ..errors import ManifestError, ModelError
from ..interface.model import ReactorModel
from .document import error_text, shorten

PYTHON_FILE = re.compile(r"(?P<file>.+\.py)(?::(?P<cls>[^:/\\]*))?\Z")
"""`file.py` or `file.py:Class`."""


def import_model(target: str, root: Path) -> type[ReactorModel]:
    """The class `target` names.

    Args:
        target: `module:Class`, `file.py:Class`, or `file.py` where that file defines exactly one model.
        root: where modules are looked for first, and what a file's path is relative to. It stays on `sys.path`, so
            that the model can import its neighbours later too.

    Raises:
        ManifestError: there is no such module or class, or it is no ReactorModel.
        ModelError: importing it failed; with the line of the author's code.
    """
    root = root.resolve()
    if match := PYTHON_FILE.fullmatch(target):
        module, name = _import_file(root / match["file"]), match["cls"]
    else:
        module_name, colon, name = target.partition(":")
        if not colon or not name or not all(part.isidentifier() for part in module_name.split(".")):
            raise ManifestError(f"{target!r} names no class; write module:Class, or file.py:Class")
        module = _import_module(module_name, root)
    return _class_in(module, name) if name else _only_model(module)


def _import_module(name: str, root: Path) -> ModuleType:
    _search(root)
    _check_not_taken(name.partition(".")[0], root)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            raise ManifestError(
                f"no module named {error.name!r}: looked in {root} and among the installed packages"
            ) from error
        import_failed(name, root, error)
    except (Exception, SystemExit) as error:
        import_failed(name, root, error)


def _import_file(file: Path) -> ModuleType:
    try:
        file = file.resolve()
        found = file.is_file()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise ManifestError(f"no such file: {shorten(str(file))}: {error_text(error)}") from error
    if not found:
        raise ManifestError(f"no such file: {file}")
    _search(file.parent)
    # The file's own name unless an imported module has it already: pickles and tracebacks then read naturally.
    name = file.stem if file.stem.isidentifier() and file.stem not in sys.modules else f"model_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ManifestError(f"{file} cannot be imported: Python knows no loader for it")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        import_failed(file.name, file.parent, error)
    return module


def _search(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    importlib.invalidate_caches()


def _check_not_taken(name: str, root: Path) -> None:
    """An imported module of the same name would be returned in place of the author's, silently."""
    own = next((path for path in (root / f"{name}.py", root / name / "__init__.py") if path.is_file()), None)
    other = getattr(sys.modules.get(name), "__file__", None)
    if name in sys.modules and own is not None and (other is None or Path(other).resolve() != own.resolve()):
        raise ManifestError(f"{own} has the name of a module that is in use ({other or 'built in'}); rename it")


def import_failed(what: str, root: Path, error: BaseException) -> NoReturn:
    """Raise the ModelError for a module that cannot be imported, with the line of the author's code."""
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{error.filename}:{error.lineno}"
        problem = f"{type(error).__name__}: {error.msg}"
    else:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename]
        own = [frame for frame in frames if _within(frame.filename, root)]
        last = next(reversed(own or frames), None)
        place = f"{last.filename}:{last.lineno}" if last else what
        problem = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    raise ModelError(f"importing {what} failed at {place}: {' '.join(problem.split())}") from error


def _within(filename: str, root: Path) -> bool:
    try:
        inner = Path(filename).resolve().relative_to(root)
    except ValueError:
        return False
    return "site-packages" not in inner.parts


def _models(module: ModuleType) -> dict[str, type[ReactorModel]]:
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, ReactorModel)
        and value.__module__ == module.__name__
        and abc.ABC not in value.__bases__  # a base of models, and none itself
    }


def _class_in(module: ModuleType, name: str) -> type[ReactorModel]:
    where = module.__file__ or module.__name__
    try:
        found = getattr(module, name)
    except AttributeError as error:
        models = _models(module)
        near = difflib.get_close_matches(name, models, n=1) or difflib.get_close_matches(name, dir(module), n=1)
        if near:
            hint = f"; did you mean {near[0]}?"
        else:
            hint = f"; its models are {', '.join(models)}" if models else "; it defines no model"
        raise ManifestError(f"{where} has no class {name}{hint}") from error
    if isinstance(found, type) and issubclass(found, ReactorModel):
        return found
    kind = "a class" if isinstance(found, type) else f"of type {type(found).__name__}"
    raise ManifestError(
        f"{where}: {name} is {kind}, but no model; write `class {name}(ReactorModel)` "
        "with `from reactor_runtime import ReactorModel`"
    )


def _only_model(module: ModuleType) -> type[ReactorModel]:
    models = _models(module)
    file = Path(module.__file__ or module.__name__)
    if not models:
        raise ManifestError(f"{file} defines no model; write a `class MyModel(ReactorModel)` in it")
    if len(models) > 1:
        names = list(models)
        raise ManifestError(
            f"{file} defines {len(names)} models ({', '.join(names)}); say which: {file.name}:{names[-1]}"
        )
    return next(iter(models.values()))
