"""The keys of the config file, held against those that `load()` reads."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..interface.model import ReactorModel
from ..manifest import Manifest, did_you_mean
from .findings import Finding, error, ok, warning
from .source import Parsed, parse_function

_METHODS = frozenset(dir(dict))
_WEIGHTS = (".bin", ".ckpt", ".gguf", ".npz", ".onnx", ".pkl", ".pt", ".pth", ".safetensors")

Path_ = tuple[str, ...]


@dataclass
class Reads:
    """What a function does with its config.

    Attributes:
        required: keys it cannot do without, and where it reads them.
        optional: keys it can.
        escapes: whether the whole goes somewhere else, so that other keys may be read there.
    """

    required: dict[Path_, str] = field(default_factory=dict)
    optional: set[Path_] = field(default_factory=set)
    escapes: bool = False


def check_config(model: type[ReactorModel], manifest: Manifest) -> Iterator[Finding]:
    """Hold the config against `load()`: keys that are missing, keys that nobody reads, weights that are not there."""
    where = manifest.config_path.name if manifest.config_path else "the config"
    reads = config_reads(model.load)
    clean = True
    for path, place in reads.required.items():
        if path in reads.optional or _has(manifest.config, path):
            continue
        clean = False
        key, parent = path[-1], _at(manifest.config, path[:-1])
        hint = did_you_mean(key, parent) if isinstance(parent, Mapping) else ""
        mend = f"; add it to {where}" if manifest.config_path else "; name a file under runtime.config that has it"
        yield error("config", f"{place}: load() reads {'.'.join(path)!r}, which {where} has not{hint or mend}")
    if not reads.escapes:
        known = {path[0] for path in (*reads.required, *reads.optional)}
        for key in manifest.config.keys() - known:
            clean = False
            yield warning("config", f"{where}: {key!r} is not read by load(){did_you_mean(key, sorted(known), repr)}")
    for path, value in _leaves(manifest.config):
        if isinstance(value, str) and value.endswith(_WEIGHTS) and not _exists(value, manifest):
            clean = False
            yield warning(
                "config", f"{where}: {'.'.join(path)}: {value} is not there; looked in {manifest.root} and {Path.cwd()}"
            )
    if clean:
        yield ok("config", ", ".join(manifest.config) if manifest.config else "none, and none is needed")


def config_reads(load: Any) -> Reads:
    """The keys that a `load(self, config)` reads of its config, also through functions it hands it to."""
    reads = Reads()
    parameters = list(inspect.signature(load).parameters)[1:]
    if parameters:
        _follow(load, parameters[0], reads, set())
    return reads


def _follow(function: Any, name: str, reads: Reads, seen: set[Any]) -> None:
    function = getattr(function, "__func__", function)
    if function in seen:
        return
    seen.add(function)
    parsed = parse_function(function)
    if parsed is None:
        reads.escapes = True
        return
    _Reader(function, parsed, name, reads, seen).visit(parsed.node)


class _Reader(ast.NodeVisitor):
    """Walks a function, and notes what is done with the name `config`."""

    def __init__(self, function: Any, parsed: Parsed, name: str, reads: Reads, seen: set[Any]) -> None:
        self._function = function
        self._parsed = parsed
        self._name = name
        self._reads = reads
        self._seen = seen

    def visit_Subscript(self, node: ast.Subscript) -> None:
        path = self._path(node)
        if path is None:
            self.generic_visit(node)
        elif path:
            self._require(path, node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self._path(node)
        if path is None:
            self.generic_visit(node)
        elif path:
            self._require(path, node)

    def visit_Call(self, node: ast.Call) -> None:
        rest: list[ast.expr] = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            holder = self._path(node.func.value)
            if holder is not None and node.func.attr in _METHODS:
                self._method(node, holder)
            else:
                self.visit(node.func)
        else:
            self.visit(node.func)
        for argument in rest:
            if self._path(argument) == ():
                self._handed_over(node, argument)
            else:
                self.visit(argument)

    def visit_Compare(self, node: ast.Compare) -> None:
        holder = self._path(node.comparators[0]) if isinstance(node.ops[0], (ast.In, ast.NotIn)) else None
        if holder is not None and isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
            self._reads.optional.add((*holder, node.left.value))
        else:
            self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id == self._name:
            self._reads.escapes = True

    def _method(self, node: ast.Call, holder: Path_) -> None:
        key = node.args[0] if node.args else None
        named = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if named in ("get", "pop", "setdefault") and isinstance(key, ast.Constant) and isinstance(key.value, str):
            self._reads.optional.add((*holder, key.value))
        elif holder:
            self._reads.optional.add(holder)
        else:
            self._reads.escapes = True

    def _require(self, path: Path_, node: ast.AST) -> None:
        self._reads.required.setdefault(path, self._parsed.place(node))

    def _path(self, node: ast.expr) -> Path_ | None:
        """The keys that lead from the config to what `node` is; None where it is something else."""
        if isinstance(node, ast.Name):
            return () if node.id == self._name else None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            holder = self._path(node.value)
            return None if holder is None or not isinstance(node.slice.value, str) else (*holder, node.slice.value)
        if isinstance(node, ast.Attribute) and node.attr not in _METHODS:
            holder = self._path(node.value)
            return None if holder is None else (*holder, node.attr)
        return None

    def _handed_over(self, call: ast.Call, argument: ast.expr) -> None:
        target = self._target(call.func)
        name = _parameter(target, call, argument) if target is not None else None
        if target is None or name is None:
            self._reads.escapes = True
        else:
            _follow(target, name, self._reads, self._seen)

    def _target(self, func: ast.expr) -> types.FunctionType | None:
        found = self._function.__globals__.get(func.id) if isinstance(func, ast.Name) else None
        return found if isinstance(found, types.FunctionType) else None


def _parameter(function: types.FunctionType, call: ast.Call, argument: ast.expr) -> str | None:
    """The parameter that `argument` of a call becomes."""
    for keyword in call.keywords:
        if keyword.value is argument:
            return keyword.arg
    names = list(inspect.signature(function).parameters)
    index = next((index for index, each in enumerate(call.args) if each is argument), len(names))
    return names[index] if index < len(names) else None


def _at(config: Any, path: Path_) -> Any:
    for key in path:
        if not isinstance(config, Mapping) or key not in config:
            return None
        config = config[key]
    return config


def _has(config: Any, path: Path_) -> bool:
    parent = _at(config, path[:-1])
    return not isinstance(parent, Mapping) or path[-1] in parent


def _leaves(config: Mapping[str, Any], path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, str(key)))
        else:
            yield (*path, str(key)), value


def _exists(value: str, manifest: Manifest) -> bool:
    path = Path(value).expanduser()
    return any(base.joinpath(path).exists() for base in (manifest.root, Path.cwd()))
