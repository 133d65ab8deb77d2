"""Which code of a function runs in every call that comes to its end, and which only in some."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class CertaintyVisitor(ast.NodeVisitor):
    """Walks the body of a function in the order in which it runs.

    What stands in a branch, in a loop, in a `try` that catches something, or after a `return` of one of these, runs in
    some calls only. The test of an `if` or a `while` runs whenever the statement does.

    Args:
        certain: whether the function itself runs for certain.
    """

    def __init__(self, certain: bool = True) -> None:
        self._doubts = 0 if certain else 1

    @property
    def certain(self) -> bool:
        """Whether what is being visited runs in every call that does not raise."""
        return not self._doubts

    @contextmanager
    def doubt(self) -> Iterator[None]:
        """What is visited within may be left out. A `return` there leaves out all that follows it, too."""
        self._doubts += 1
        yield
        self._doubts -= 1

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """What is visited within is another function's body: it runs later, if ever, and its `return` is its own."""
        before = self._doubts
        self._doubts += 1
        yield
        self._doubts = before

    def visit_all(self, *nodes: ast.AST | Sequence[ast.AST | None] | None) -> None:
        """Visit nodes and lists of nodes one after another."""
        for node in nodes:
            if isinstance(node, ast.AST):
                self.visit(node)
            elif node is not None:
                self.visit_all(*node)

    def visit_Return(self, node: ast.Return) -> None:
        self.visit_all(node.value)
        if self._doubts:
            self._doubts += 1  # for good: `doubt` takes back its own alone

    def _branches(self, node: ast.If | ast.IfExp | ast.While) -> None:
        self.visit(node.test)
        with self.doubt():
            self.visit_all(node.body, node.orelse)

    visit_If = visit_IfExp = visit_While = _branches  # noqa: N815 - as ast names them

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        with self.doubt():
            self.visit_all(node.values[1:])

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit_all(node.iter, node.target)
        with self.doubt():
            self.visit_all(node.body, node.orelse)

    visit_For = visit_AsyncFor = _for  # noqa: N815 - as ast names them

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        if node.handlers:
            with self.doubt():
                self.visit_all(node.body, node.handlers, node.orelse)
        else:
            self.visit_all(node.body, node.orelse)
        self.visit_all(node.finalbody)

    visit_Try = visit_TryStar = _try  # noqa: N815 - as ast names them

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        self.visit_all(node.items)
        if any(_suppresses(item.context_expr) for item in node.items):
            with self.doubt():
                self.visit_all(node.body)
        else:
            self.visit_all(node.body)

    visit_With = visit_AsyncWith = _with  # noqa: N815 - as ast names them

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        with self.doubt():
            self.visit_all(node.cases)


def surely_loops(clauses: Sequence[ast.comprehension]) -> bool:
    """Whether a comprehension makes something whatever happens: it goes over a literal, or over a literal range."""
    return all(not clause.ifs and _not_empty(clause.iter) for clause in clauses)


def _not_empty(iterable: ast.expr) -> bool:
    if isinstance(iterable, (ast.List, ast.Tuple, ast.Set)):
        return bool(iterable.elts)
    if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and iterable.func.id == "range":
        return all(isinstance(argument, ast.Constant) for argument in iterable.args)
    return False


def _suppresses(manager: ast.expr) -> bool:
    return isinstance(manager, ast.Call) and ast.unparse(manager.func).rpartition(".")[2] == "suppress"
