"""Objects of classes that were defined anew: they get the new class of the same name, and live on."""

from __future__ import annotations

import contextlib
import enum
import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

_DEPTH = 4
_LONG = 10_000
"""A container of more items is data, and not searched for members of an Enum."""


def adopt(old: Mapping[str, ModuleType], new: Mapping[str, ModuleType]) -> None:
    """Give every object of a class of `old` the class of the same name of `new`.

    Members of an old Enum equal none of the new one's, so attributes that hold one, or a container of them, get the new
    member of the same name. An object that cannot be of the new class, since that has another layout (`__slots__`),
    works on with the code it was made by.
    """
    pairs = dict(_class_pairs(old, new))
    enums = {before: after for before, after in pairs.items() if issubclass(before, enum.Enum)}
    classes = {before: after for before, after in pairs.items() if before not in enums}
    by_class = _instances({*classes, *classes.values()})
    for before, after in classes.items():
        for instance in by_class[before]:
            with contextlib.suppress(Exception):
                object.__setattr__(instance, "__class__", after)  # past a `__setattr__` of its own
    if enums:
        for instances in by_class.values():
            for instance in instances:
                _renew_attributes(instance, enums)


def _instances(classes: set[type]) -> dict[type, list[Any]]:
    """The living objects of each class: found in one walk over the heap, which may be large."""
    found: dict[type, list[Any]] = defaultdict(list)
    for holder in gc.get_referrers(*classes) if classes else ():
        if type(holder) in classes:
            found[type(holder)].append(holder)
    return found


def _class_pairs(old: Mapping[str, ModuleType], new: Mapping[str, ModuleType]) -> Iterator[tuple[type, type]]:
    for name, module in new.items():
        yield from _pairs_within(vars(old[name]), vars(module), name)


def _pairs_within(before: Mapping[str, Any], after: Mapping[str, Any], module: str) -> Iterator[tuple[type, type]]:
    for key, one in list(before.items()):
        other = after.get(key)
        if isinstance(one, type) and isinstance(other, type) and one is not other and one.__module__ == module:
            yield one, other
            yield from _pairs_within(
                {name: inner for name, inner in vars(one).items() if _is_nested(inner, one)}, vars(other), module
            )


def _is_nested(inner: Any, outer: type) -> bool:
    return isinstance(inner, type) and inner.__qualname__ == f"{outer.__qualname__}.{inner.__name__}"


def _renew_attributes(holder: Any, enums: Mapping[type, type]) -> None:
    attributes = getattr(holder, "__dict__", None)
    if not isinstance(attributes, dict):
        return
    for name, value in list(attributes.items()):
        renewed = _renewed(value, enums, _DEPTH)
        if renewed is not value:
            attributes[name] = renewed


def _renewed(value: Any, enums: Mapping[type, type], depth: int) -> Any:
    """`value` with new members in place of old ones; `value` itself where it holds none."""
    after = enums.get(type(value))
    if after is not None:
        return getattr(after, value.name, value)
    if depth == 0 or type(value) not in (dict, list, tuple, set, frozenset) or len(value) > _LONG:
        return value
    if type(value) is dict:
        pairs = [
            (key, item, _renewed(key, enums, depth - 1), _renewed(item, enums, depth - 1))
            for key, item in value.items()
        ]
        if any(key is not new_key or item is not new_item for key, item, new_key, new_item in pairs):
            value.clear()  # in place: others may hold it too
            value.update((new_key, new_item) for _, _, new_key, new_item in pairs)
        return value
    items = list(value)
    renewed = [_renewed(item, enums, depth - 1) for item in items]
    if all(item is other for item, other in zip(items, renewed, strict=True)):
        return value
    if type(value) is list:
        value[:] = renewed
        return value
    if type(value) is set:
        value.clear()
        value.update(renewed)
        return value
    return type(value)(renewed)
