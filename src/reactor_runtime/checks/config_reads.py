"""The keys that `load()` reads of its config, told from its code."""

from __future__ import annotations

import ast
import inspect
from typing import Any

from ..interface.config import takes_path
from .bindings import Scope, binds, called_function, is_local, parameter_for
from .certainty import CertaintyVisitor, surely_loops
from .reads import KeyPath, Reads
from .source import Parsed, parse_function

_METHODS = frozenset(dir(dict))
_BY_WORD = ("hasattr", "getattr", "setattr")


def config_reads(load: Any) -> Reads:
    """The keys that a `load(self, config)` reads of its config, also through functions it hands it to.

    A `load(self, config: Path)` reads the file itself, so nothing can be told of it.
    """
    reads = Reads()
    parameters = list(inspect.signature(load).parameters.values())[1:]
    if not parameters:
        return reads
    first = parameters[0]
    if takes_path(first) or first.kind is first.VAR_POSITIONAL:
        reads.escapes = True
    else:
        _follow(load, first.name, reads, set(), certain=True)
    return reads


def _follow(function: Any, name: str, reads: Reads, seen: set[Any], *, certain: bool) -> None:
    function = inspect.unwrap(getattr(function, "__func__", function))
    if (function, name, certain) in seen:
        return
    seen.add((function, name, certain))
    parsed = parse_function(function)
    if parsed is None:
        reads.escapes = True
        return
    reader = _Reader(parsed, function.__globals__, name, reads, seen, certain=certain)
    reader.visit_all(parsed.node.body)


class _Reader(CertaintyVisitor):
    """Walks a function, and notes what is done with the name `config`, until it means something else."""

    def __init__(
        self, parsed: Parsed, names: dict[str, Any], name: str, reads: Reads, seen: set[Any], *, certain: bool
    ) -> None:
        super().__init__(certain)
        self._parsed = parsed
        self._names = names
        self._name = name
        self._reads = reads
        self._seen = seen
        self._rebound = False

    # -- what the name means

    def visit(self, node: ast.AST) -> None:
        super().visit(node)
        if binds(node, self._name):  # after what is within: `config = config["model"]` reads first
            self._rebound = self._reads.escapes = True

    def visit_Name(self, node: ast.Name) -> None:
        if node.id == self._name:
            self._reads.escapes = True

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit_all(node.value, node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:  # else nothing is assigned
            self.visit_all(node.value, node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit_all(node.value, node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if path := self._path(node.target):
            self._read(path, node)
        else:
            self.visit(node.target)

    def _function(self, node: Scope) -> None:
        self.visit_all(getattr(node, "decorator_list", []), node.args.defaults, node.args.kw_defaults)
        if not is_local(node, self._name):
            with self.elsewhere():
                self.visit_all(node.body)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _function  # noqa: N815 - as ast names them

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        first, *others = node.generators
        self.visit(first.iter)
        if any(binds(each, self._name) for clause in node.generators for each in ast.walk(clause.target)):
            return
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        if surely_loops(node.generators):
            self.visit_all(others, made)
        else:
            with self.doubt():
                self.visit_all(first.ifs, others, made)

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension  # noqa: N815 - as ast names them

    # -- what is read

    def _key(self, node: ast.Subscript | ast.Attribute) -> None:
        path = self._path(node)
        if path and isinstance(node.ctx, ast.Load):
            self._read(path, node)
        elif path:
            self._read(path[:-1], node)
            self._reads.written.add(path)
        else:
            holder = self._path(node.value)
            self.generic_visit(node)
            if holder is not None and isinstance(node.ctx, ast.Store):  # under a key that only running it tells
                self._reads.fill(holder)

    visit_Subscript = visit_Attribute = _key  # noqa: N815 - as ast names them

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in _BY_WORD and self._by_word(node, node.func.id):
            return
        holder = self._path(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if holder is not None and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            self._method(node, node.func.attr, holder)
        else:
            self.visit(node.func)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if self._path(argument) == ():
                self._handed_over(node, argument)
            else:
                self.visit(argument)

    def visit_Compare(self, node: ast.Compare) -> None:
        holder = self._path(node.comparators[0]) if isinstance(node.ops[0], (ast.In, ast.NotIn)) else None
        if holder is not None and isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
            self._read(holder, node)
            self._reads.optional.add((*holder, node.left.value))
        else:
            self.generic_visit(node)

    def _by_word(self, call: ast.Call, function: str) -> bool:
        """`hasattr(config, "lora")` and its kin; False where it is of something else, or the key is no literal."""
        holder, key = (self._path(call.args[0]), call.args[1]) if len(call.args) > 1 else (None, None)
        if holder is None or not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return False
        path = (*holder, key.value)
        self.visit_all(call.args[2:])
        if function == "getattr" and len(call.args) == 2:
            self._read(path, call)
        else:
            self._read(holder, call)
            (self._reads.written if function == "setattr" else self._reads.optional).add(path)
        return True

    def _method(self, node: ast.Call, named: str, holder: KeyPath) -> None:
        self._read(holder, node)
        key = node.args[0] if node.args else None
        if named in ("get", "pop", "setdefault") and isinstance(key, ast.Constant) and isinstance(key.value, str):
            path = (*holder, key.value)
            (self._reads.written if named == "setdefault" else self._reads.optional).add(path)
            return
        if not holder:
            self._reads.escapes = True
        if named in ("update", "setdefault"):
            self._reads.fill(holder)

    def _read(self, path: KeyPath, node: ast.AST) -> None:
        self._reads.read(path, self._parsed.place(node), certain=self.certain)

    def _path(self, node: ast.expr) -> KeyPath | None:
        """The keys that lead from the config to what `node` is; None where it is something else."""
        if isinstance(node, ast.Name):
            return () if node.id == self._name and not self._rebound else None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            holder = self._path(node.value)
            return None if holder is None or not isinstance(node.slice.value, str) else (*holder, node.slice.value)
        if isinstance(node, ast.Attribute) and node.attr not in _METHODS:
            holder = self._path(node.value)
            return None if holder is None else (*holder, node.attr)
        return None

    def _handed_over(self, call: ast.Call, argument: ast.expr) -> None:
        target = called_function(call, self._parsed.node, self._names)
        name = parameter_for(target, call, argument) if target is not None else None
        if target is None or name is None:
            self._reads.escapes = True
        else:
            _follow(target, name, self._reads, self._seen, certain=self.certain)
