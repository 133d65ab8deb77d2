"""Fields in Python: what a caller gives, how it is sent, and how what arrives is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

from ..layout import Code, bracketed, group
from ..names import Names, identifier
from ..prose import sentence
from ..shapes import UNSET, Choice, Document, Field, ObjectRef, nullable, without_null
from .style import docstring, lines
from .types import PythonTypes, is_literal, literal, string


class PythonFields:
    """Writes the dataclasses of a module, and the functions between them and JSON.

    Args:
        document: the model's.
        types: the types of the module.
        reserved: what no parameter and no attribute may be called.
    """

    def __init__(self, document: Document, types: PythonTypes, reserved: Collection[str]) -> None:
        self._document = document
        self._types = types
        self._sent = document.within([field.shape for command in document.commands for field in command.fields])
        self._got = document.within([message.body for message in document.messages])
        objects = [field for made in document.objects.values() for field in made.fields]
        for field in [*objects, *(field for command in document.commands for field in command.fields)]:
            types.annotation(field.shape)  # the first use of a choice may give it a name
        own = {*map(types.writer, self._sent), *map(types.reader, self._got), *types.classes.values(), *types.aliases}
        self.reserved = frozenset({*reserved, *own})

    def dataclasses(self) -> list[list[str]]:
        """A class for each object type."""
        return [self._dataclass(key) for key in self._document.objects]

    def functions(self) -> list[list[str]]:
        """What makes JSON of them, then what makes them of JSON."""
        return [*map(self._writer, self._sent), *map(self._reader, self._got)]

    def _dataclass(self, key: str) -> list[str]:
        made = self._document.objects[key]
        self._types.used.add("dataclass")
        head = ["@dataclass(frozen=True, kw_only=True)", f"class {self._types.classes[key]}:"]
        head += docstring(made.description, 1)
        names = self.attributes(made.fields)
        told = False
        body: list[str] = []
        for field in made.fields:
            body += [""] if told or (not body and len(head) > 2) else []
            said = docstring(self.told(field, given=key in self._sent), 1)
            body += [*lines(self.declared(field, names[field.name], given=key in self._sent), 1), *said]
            told = bool(said)
        return [*head, *body] if body or len(head) > 2 else [*head, "    pass"]

    def attributes(self, fields: list[Field]) -> dict[str, str]:
        """The attribute, or the parameter, of each field, by its name on the wire."""
        names = Names(self.reserved)
        return {field.name: names.take(identifier(field.name, "value")) for field in fields}

    def declared(self, field: Field, name: str, *, given: bool) -> Code:
        """A parameter or an attribute.

        Args:
            given: whether a caller gives it, so that it has the default that the document names.
        """
        if field.may_lack or (given and field.left_out):
            return f"{name}: {self._types.annotation(nullable(field.shape))}" + (" = None" if given else "")
        said = f"{name}: {self._types.annotation(field.shape)}"
        return said if field.required or not given else group(f"{said} = ", literal(field.default))

    def told(self, field: Field, *, given: bool) -> str:
        """What there is to say of a field beyond its annotation."""
        parts = [field.description, field.limits]
        if isinstance(field.shape, Choice) and not is_literal(field.shape):
            parts.append(f"One of {', '.join(json.dumps(value) for value in field.shape.values)}")
        if given and field.left_out and field.default not in (None, UNSET):
            parts.append(f"None stands for {json.dumps(field.default, ensure_ascii=False)}")
        return sentence(*parts)

    def data(
        self, fields: list[Field], value: Callable[[str], str], *, variable: str, reactor: str, level: int
    ) -> tuple[Code, list[str]]:
        """What is sent for some fields: its expression, and the lines that have to stand before it.

        Args:
            fields: the fields.
            value: the expression of a field's value, by its name on the wire.
            variable: a name that is free.
            reactor: the expression of the `Reactor`.
            level: the indentation of the lines.
        """
        always = [field for field in fields if not field.left_out]
        pairs: list[Code] = [
            group(string(field.name), ": ", self._types.to_wire(field.shape, value(field.name), reactor))
            for field in always
        ]
        made = bracketed("{", pairs, "}")
        if len(always) == len(fields):
            return made, []
        self._types.used.add("Any")
        before = lines(group(f"{variable}: dict[str, Any] = ", made), level)
        for field in (field for field in fields if field.left_out):
            sent = self._types.to_wire(without_null(field.shape), value(field.name), reactor)
            before += lines(f"if {value(field.name)} is not None:", level)
            before += lines(group(f"{variable}[{string(field.name)}] = ", sent), level + 1)
        return variable, before

    def _writer(self, key: str) -> list[str]:
        fields = self._document.objects[key].fields
        names = self.attributes(fields)
        files = self._document.holds_upload(ObjectRef(key))
        self._types.used.add("Any")
        taken = ["reactor: Reactor"] if files else []
        head = bracketed(
            f"{'async ' if files else ''}def {self._types.writer(key)}(",
            [*taken, f"value: {self._types.classes[key]}"],
            ")",
        )

        def value(name: str) -> str:
            return f"value.{names[name]}"

        data, before = self.data(fields, value, variable="data", reactor="reactor", level=1)
        return [*lines(group(head, " -> dict[str, Any]:")), *before, *lines(group("return ", data), 1)]

    def _reader(self, key: str) -> list[str]:
        cls, fields = self._types.classes[key], self._document.objects[key].fields
        names = self.attributes(fields)
        self._types.used.add("Any")
        values: list[Code] = []
        for field in fields:
            raw: Code = f"data[{string(field.name)}]"
            shape = field.shape
            if field.may_lack:
                raw, shape = f"data.get({string(field.name)})", nullable(shape)
            elif not field.required:
                raw = bracketed("data.get(", [string(field.name), literal(field.default)], ")")
            values.append(group(f"{names[field.name]}=", self._types.from_wire(shape, raw)))
        head = group(bracketed(f"def {self._types.reader(key)}(", ["data: Any"], ")"), f" -> {cls}:")
        return [*lines(head), *lines(bracketed(f"return {cls}(", values, ")"), 1)]
