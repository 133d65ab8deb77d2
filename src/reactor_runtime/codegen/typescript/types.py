"""TypeScript's words for shapes: types, literals and property names."""

from __future__ import annotations

import json
from typing import Any

from ..layout import SPACE, Group, IfBroken, group, indent, joined
from ..names import Names, type_name
from ..shapes import AnyOf, Choice, Document, ListOf, MapOf, ObjectRef, Scalar, Shape, Upload

_SCALARS = {
    "any": "unknown",
    "null": "null",
    "boolean": "boolean",
    "integer": "number",
    "number": "number",
    "string": "string",
}
_SHORT = 40
"""A union of literals that is longer gets a name of its own."""


def string(text: str) -> str:
    """A string literal, in the quotes that need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def _escaped(character: str, quote: str) -> str:
    if character in (quote, "\\"):
        return "\\" + character
    if character.isprintable():
        return character
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character)
    code = ord(character)
    return named or (f"\\u{code:04x}" if code < 0x10000 else f"\\u{{{code:x}}}")


def key(name: str) -> str:
    """A property's name."""
    return name if name.replace("$", "_").isidentifier() else string(name)


def literal(value: Any) -> str:
    """A JSON value that is neither list nor object, as a type."""
    if isinstance(value, str):
        return string(value)
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    mantissa, _, exponent = repr(value).partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


class TypeScriptTypes:
    """The types of one module.

    Args:
        document: the model's.
        names: the names of the module; those of the object types and aliases are taken from it.
    """

    def __init__(self, document: Document, names: Names) -> None:
        self._names = names
        self.interfaces = {ref: names.take(*map(type_name, made.names)) for ref, made in document.objects.items()}
        """The interface of each object type."""
        self.aliases: dict[str, list[str]] = {}
        """The choices that have a name of their own, and what they are of."""

    def union(self, shape: Shape) -> list[str]:
        """The types a value is one of."""
        match shape:
            case Scalar(kind):
                return [_SCALARS[kind]]
            case Choice():
                return self._choice(shape)
            case Upload():
                return ["Upload"]
            case ListOf(item):
                of = self.union(item)
                return [f"{of[0]}[]" if len(of) == 1 else f"({' | '.join(of)})[]"]
            case MapOf(item):
                return [f"Record<string, {' | '.join(self.union(item))}>"]
            case ObjectRef(ref):
                return [self.interfaces[ref]]
            case AnyOf(members):
                found = list(dict.fromkeys(kind for member in members for kind in self.union(member)))
                return ["unknown"] if "unknown" in found else found

    def _choice(self, choice: Choice) -> list[str]:
        if not all(isinstance(value, (str, int, float)) for value in choice.values):
            return ["unknown"]
        found = list(dict.fromkeys(literal(value) for value in choice.values))
        if len(" | ".join(found)) <= _SHORT:
            return found
        known = next((name for name, values in self.aliases.items() if values == found), None)
        if known is None:
            known = self._names.take(*map(type_name, choice.names))
            self.aliases[known] = found
        return [known]


def typed(name: str, union: list[str]) -> Group:
    """`name: A | B;`, or `name =` for an alias; each type on a line of its own where they do not fit on one."""
    if len(union) == 1 and not union[0].startswith(('"', "'")):
        return group(f"{name} {union[0]};")
    bar = [IfBroken("| ")] if len(union) > 1 else []
    return group(name, indent(SPACE, group(*bar, *joined([*union], SPACE, "| "))), ";")
