"""What waits for the model's loop: in the order it came, within bounds, and no client's flood before all others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from typing import NamedTuple, Protocol


class Waits(Protocol):
    """Something that waits for its turn."""

    @property
    def key(self) -> Hashable | None:
        """Items of one key collapse to the newest; None for those that never do."""
        ...

    @property
    def owner(self) -> Hashable | None:
        """Whose it is, where it is a client's command."""
        ...

    @property
    def bounded(self) -> bool:
        """Whether it counts against the bounds: commands do, hooks do not (connections bound them)."""
        ...

    def supersede(self) -> None:
        """A newer one with the same key waits: this one is not performed."""
        ...


class Entry(NamedTuple):
    """One that waits: its number, when it came, and itself."""

    number: int
    came: float
    item: Waits


class Waiting:
    """A queue. Whoever uses it holds a lock.

    Args:
        together: how many bounded items may wait.
        each: how many of these may be of one owner.
        ahead: an owner with more than so many lets those of the others go first. Nothing overtakes an item that is not
            bounded, and nothing of its own owner.
    """

    def __init__(self, together: int, each: int | None = None, ahead: int | None = None) -> None:
        self._together = together
        self._each = together if each is None else each
        self._ahead = together if ahead is None else ahead
        self._entries: deque[Entry] = deque()
        self._owned: dict[Hashable, int] = {}
        self._keys: dict[Hashable, int] = {}
        self._bounded = 0
        self._last: Hashable | None = None
        """Whose turn was the last one."""
        self.submitted = 0
        """How many have come."""

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def since(self) -> float | None:
        """When the oldest came; None while there is none."""
        return self._entries[0].came if self._entries else None

    def put(self, item: Waits, now: float) -> bool:
        """Add one; False if there is no room for it."""
        if item.bounded and self._is_full(item.owner) and not self._replace_older(item):
            return False
        self.submitted += 1
        self._entries.append(Entry(self.submitted, now, item))
        self._count(item, 1)
        return True

    def take(self) -> tuple[Entry, bool] | None:
        """The next one, and whether a newer one supersedes it."""
        if not self._entries:
            return None
        place = self._turn() if len(self._owned) > 1 else 0
        if place:
            entry = self._entries[place]
            del self._entries[place]
        else:
            entry = self._entries.popleft()
        item = entry.item
        self._count(item, -1)
        if item.bounded:
            self._last = item.owner
        return entry, item.key is not None and item.key in self._keys

    def discard(self, concerns: Callable[[Waits], bool]) -> None:
        """Remove what `concerns` says so of."""
        kept = deque[Entry]()
        for entry in self._entries:
            if concerns(entry.item):
                self._count(entry.item, -1)
            else:
                kept.append(entry)
        self._entries = kept

    def _is_full(self, owner: Hashable | None) -> bool:
        return self._bounded >= self._together or self._owned.get(owner, 0) >= self._each

    def _count(self, item: Waits, by: int) -> None:
        if item.bounded:
            self._bounded += by
            _add(self._owned, item.owner, by)
        if item.key is not None:
            _add(self._keys, item.key, by)

    def _turn(self) -> int:
        """The place of the next one."""
        first = self._entries[0].item
        if not first.bounded or self._owned[first.owner] <= self._ahead:
            return 0
        other = 0
        for place, (_, _, item) in enumerate(self._entries):
            if not item.bounded:
                break
            if self._owned[item.owner] <= self._ahead:
                return place
            if not other and item.owner != first.owner:
                other = place
        return other if self._last == first.owner else 0

    def _replace_older(self, item: Waits) -> bool:
        """Where there is no room: an older one that `item` supersedes makes some."""
        if item.key is None or item.key not in self._keys:
            return False
        for place, (_, _, older) in enumerate(self._entries):
            if older.key == item.key:
                del self._entries[place]
                self._count(older, -1)
                older.supersede()
                return True
        return False


def _add(counts: dict[Hashable, int], what: Hashable, by: int) -> None:
    count = counts.get(what, 0) + by
    if count:
        counts[what] = count
    else:
        del counts[what]
