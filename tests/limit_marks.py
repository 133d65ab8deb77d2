"""What makes `@pytest.mark.limit("name", counted="counter")` worth something.

A test so marked exceeds `Limits.name`. While it runs, the code under test has to have read that limit, and to have
counted `counter`, where one is named: a test that only mentions a limit fails. With `--lift-limits` the limit is lifted
whatever the test sets, and the test has to fail: one that passes without the limit does not test it.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import reactor_runtime
from reactor_runtime.counters import Counters
from reactor_runtime.limits import Limits

SOURCE = str(Path(reactor_runtime.__file__).parent)
LIFTED = {int: 10**12, float: 1e6}
"""As good as no limit at all: of a number, and of seconds."""
LEAST = {"upload_pace": 0}
"""What is a least is lifted by this."""


@dataclass
class Seen:
    """What the code under test did: the limits it read, and what it counted."""

    limits: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)


class _Watched:
    """In the place of a field of `Limits`: notes who reads it, and lifts it."""

    def __init__(self, name: str, member: Any, seen: Seen, lifted: Any) -> None:
        self._name = name
        self._member = member
        self._seen = seen
        self._lifted = lifted

    def __get__(self, limits: Limits | None, owner: type[Limits]) -> Any:
        if limits is None:
            return self
        if sys._getframe(1).f_code.co_filename.startswith(SOURCE):
            self._seen.limits.add(self._name)
        return self._member.__get__(limits, owner) if self._lifted is None else self._lifted

    def __set__(self, limits: Limits, value: Any) -> None:
        self._member.__set__(limits, value)


@contextmanager
def watched(lift: Set[str] = frozenset()) -> Iterator[Seen]:
    """What the code under test reads and counts meanwhile; the limits named in `lift` are lifted."""
    seen = Seen()
    members = {field.name: Limits.__dict__[field.name] for field in dataclasses.fields(Limits)}
    values = dataclasses.asdict(Limits())
    add = Counters.add

    def noted(counters: Counters, name: str, amount: int = 1) -> None:
        if amount:
            seen.counted.add(name)
        add(counters, name, amount)

    for name, member in members.items():
        lifted = LEAST.get(name, LIFTED[type(values[name])]) if name in lift else None
        setattr(Limits, name, _Watched(name, member, seen, lifted))
    Counters.add = noted  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        Counters.add = add  # type: ignore[method-assign]
        for name, member in members.items():
            setattr(Limits, name, member)
