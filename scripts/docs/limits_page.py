"""The reference of the limits, from the file that holds them."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools

from reactor_runtime import limits
from reactor_runtime.limits import GIB, KIB, MIB, Limits

_INTRODUCTION = """# Limits

<!-- Made by scripts/docs from src/reactor_runtime/limits.py; `make docs` writes it anew. -->

Every bound of the system stands in one file, `src/reactor_runtime/limits.py`. Four of them are set in the
[manifest](manifest.md); a [test](../testing.md) may set any: `Harness(Model, limits=Limits(answer_timeout=1.0))`, with
`from reactor_runtime.limits import Limits`.
"""


def limits_page() -> str:
    """The page."""
    lines = inspect.getsource(limits).splitlines()
    body = next(n for n in ast.parse("\n".join(lines)).body if isinstance(n, ast.ClassDef) and n.name == "Limits").body
    values = dataclasses.asdict(Limits())
    parts = [_INTRODUCTION]
    rows: list[str] = []
    for statement, described in itertools.pairwise(body):
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        above = lines[statement.lineno - 2].strip()
        if above.startswith("#"):
            parts += _table(rows)
            rows = []
            parts.append(f"## {above.strip('# .')}\n")
        assert isinstance(described, ast.Expr) and isinstance(described.value, ast.Constant), statement.target.id
        name, what = statement.target.id, " ".join(str(described.value.value).split())
        rows.append(f"| `{name}` | {_shown(name, values[name])} | {what} |\n")
    return "\n".join([*parts, *_table(rows)])


def _table(rows: list[str]) -> list[str]:
    return ["| limit | | |\n|---|---|---|\n" + "".join(rows)] if rows else []


def _shown(name: str, value: float) -> str:
    """A value with its unit, which the type and the name of a limit tell."""
    if name.endswith("_bytes"):
        for unit, size in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)):
            if value >= size:
                return f"{value / size:g} {unit}"
    return f"{value:g} s" if isinstance(value, float) else f"{value}"
