"""Python's words for shapes: annotations, literals, and the way of a value to the wire and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..layout import SOFT, SPACE, Code, Group, IfBroken, bracketed, group, indent, render
from ..names import Names, type_name
from ..shapes import (
    AnyOf,
    Choice,
    Document,
    ListOf,
    MapOf,
    ObjectRef,
    Scalar,
    Shape,
    Upload,
    without_null,
)

_SCALARS = {"any": "Any", "null": "None", "boolean": "bool", "integer": "int", "number": "float", "string": "str"}
_SHORT = 40
"""A Literal that is longer gets a name of its own."""


def string(text: str) -> str:
    """A string literal, in the quotes that need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def _escaped(character: str, quote: str) -> str:
    if character in (quote, "\\"):
        return "\\" + character
    return character if character.isprintable() else repr(character)[1:-1]


def literal(value: Any) -> Code:
    """A JSON value as an expression."""
    if isinstance(value, str):
        return string(value)
    if isinstance(value, Mapping):
        return bracketed("{", [group(string(key), ": ", literal(item)) for key, item in value.items()], "}")
    if isinstance(value, list):
        return bracketed("[", [literal(item) for item in value], "]")
    return repr(value).replace("e+", "e")


def is_literal(choice: Choice) -> bool:
    """Whether a `Literal` can say it: one takes no floats."""
    return all(isinstance(value, (str, int)) for value in choice.values)


class PythonTypes:
    """The types of one module.

    Args:
        document: the model's.
        names: the names of the module; those of the object types and aliases are taken from it.
    """

    def __init__(self, document: Document, names: Names) -> None:
        self._document = document
        self._names = names
        self.classes = {key: names.take(*map(type_name, made.names)) for key, made in document.objects.items()}
        """The class of each object type."""
        self.aliases: dict[str, Code] = {}
        """The choices that have a name of their own."""
        self.used: set[str] = set()
        """The names that need an import or a helper."""
        self._alias_names: dict[str, str] = {}

    def annotation(self, shape: Shape) -> str:
        """The annotation of a value."""
        match shape:
            case Scalar(kind):
                return self._use(_SCALARS[kind])
            case Choice():
                return self._choice(shape)
            case Upload():
                return self._use("Upload")
            case ListOf(item):
                return f"list[{self.annotation(item)}]"
            case MapOf(item):
                return f"dict[str, {self.annotation(item)}]"
            case ObjectRef(key):
                return self.classes[key]
            case AnyOf(members):
                if without_null(shape) is shape and self._converted(shape):
                    return self._use("Any")  # which of several objects it is, no value says
                found = dict.fromkeys(self.annotation(member) for member in members)
                found.pop("int" if "float" in found else "", None)  # a float may be an int
                return "Any" if "Any" in found else " | ".join(found)

    def _use(self, name: str) -> str:
        self.used.add(name)
        return name

    def _choice(self, choice: Choice) -> str:
        if not is_literal(choice):
            numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in choice.values)
            return self._use("float" if numbers else "Any")
        values = list({json.dumps(value): value for value in choice.values}.values())
        self.used.add("Literal")
        # One value takes no comma behind it: that would make it a tuple of one.
        code = bracketed("Literal[", [literal(value) for value in values], "]", comma=len(values) > 1)
        inline = render(code, width=1000, step=1)
        if len(inline) <= _SHORT:
            return inline
        key = json.dumps(values)
        if key not in self._alias_names:
            self._alias_names[key] = name = self._names.take(*map(type_name, choice.names))
            self.aliases[name] = code
        return self._alias_names[key]

    def _converted(self, shape: Shape) -> bool:
        """Whether a value is something else in code than on the wire."""
        match shape:
            case Upload() | ObjectRef():
                return True
            case ListOf(item) | MapOf(item):
                return self._converted(item)
            case AnyOf(members):
                return any(map(self._converted, members))
        return False

    def writer(self, key: str) -> str:
        """The function that makes JSON of an object."""
        return f"_write_{self.classes[key]}"

    def reader(self, key: str) -> str:
        """The function that makes an object of JSON."""
        return f"_read_{self.classes[key]}"

    def to_wire(self, shape: Shape, value: Code, reactor: str) -> Code:
        """The expression of what is sent for `value`.

        Args:
            reactor: the expression of the `Reactor`, for uploads.
        """
        match shape:
            case Upload():
                self.used |= {"Upload", "_uploaded"}
                return bracketed("await _uploaded(", [reactor, value], ")")
            case ObjectRef(key) if self._document.holds_upload(shape):
                return bracketed(f"await {self.writer(key)}(", [reactor, value], ")")
            case ObjectRef(key):
                return bracketed(f"{self.writer(key)}(", [value], ")")
        return self._through(shape, value, lambda part, expression: self.to_wire(part, expression, reactor))

    def from_wire(self, shape: Shape, value: Code) -> Code:
        """The expression of the object that the JSON `value` stands for."""
        match shape:
            case Scalar("integer"):
                return bracketed("int(", [value], ")")  # the SDK hands over all numbers as floats
            case Choice(values) if values and all(type(each) is int for each in values):
                self.used.add("_whole")
                return bracketed("_whole(", [value], ")")
            case ObjectRef(key):
                return bracketed(f"{self.reader(key)}(", [value], ")")
        return self._through(shape, value, self.from_wire)

    def _through(self, shape: Shape, value: Code, inner: Callable[[Shape, Code], Code]) -> Code:
        """`inner` for what a list, an object or an optional value holds; `value` itself where that changes nothing."""
        match shape:
            case ListOf(item) if (made := inner(item, "item")) != "item":
                return _comprehension("[", made, ("for item in ", value), "]")
            case MapOf(item) if (made := inner(item, "item")) != "item":
                return _comprehension("{", group("key: ", made), ("for key, item in ", value, ".items()"), "}")
            case AnyOf() if (rest := without_null(shape)) is not shape and (made := inner(rest, value)) != value:
                return _conditional(value, made)
        return value


def _comprehension(opening: str, made: Code, loop: tuple[Code, ...], closing: str) -> Group:
    return group(opening, indent(SOFT, group(made, SPACE, group(*loop))), SOFT, closing)


def _conditional(value: Code, made: Code) -> Group:
    """`made`, or None where `value` is None. In brackets where it does not fit."""
    condition = group("None", SPACE, group("if ", value, " is None"), SPACE, group("else ", made))
    return group(IfBroken("("), indent(SOFT, condition), SOFT, IfBroken(")"))
