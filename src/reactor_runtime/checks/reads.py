"""What `load()` does with its config: which keys it needs, which it may use, which it sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str, ...]
"""The keys that lead to a value: `("sampler", "steps")`. The empty one is the config itself."""


@dataclass
class Reads:
    """What a function does with its config.

    Attributes:
        required: keys it cannot do without, and where it reads them.
        optional: keys it can.
        written: keys it sets itself before it reads them.
        escapes: whether the whole goes somewhere else, so that other keys may be read there.
        filled: whether keys unknown were put in, so that none that is read later is sure to be missing.
    """

    required: dict[KeyPath, str] = field(default_factory=dict)
    optional: set[KeyPath] = field(default_factory=set)
    written: set[KeyPath] = field(default_factory=set)
    escapes: bool = False
    filled: bool = False

    @property
    def keys(self) -> set[str]:
        """The keys of the top that it knows of."""
        return {path[0] for path in (*self.required, *self.optional, *self.written)}

    def read(self, path: KeyPath, place: str, *, certain: bool) -> None:
        """Note that the value at `path` is read; that the config itself is, says nothing.

        Args:
            path, place: what, and where.
            certain: whether it is read whenever the function runs.
        """
        if not path:
            return
        set_here = any(path[:length] in self.written for length in range(1, len(path) + 1))
        if certain and not set_here and not self.filled:
            self.required.setdefault(path, place)
        else:
            self.optional.add(path)

    def fill(self, path: KeyPath) -> None:
        """Note that keys unknown are put into the mapping at `path`."""
        if path:
            self.written.add(path)
        else:
            self.filled = True
