"""Documents of models that nobody would write, each made from a number."""

from __future__ import annotations

import random
from typing import Any

_WORDS = [
    *(
        "a",
        "x",
        "value",
        "class",
        "import",
        "None",
        "self",
        "data",
        "item",
        "key",
        "type",
        "list",
        "dict",
        "str",
        "_data",
    ),
    *("camelCase", "PascalCase", "snake_case", "UPPER", "__dunder__", "_private", "then", "constructor", "toString"),
    *(
        "with space",
        "with-dash",
        "1st",
        "ünïcödé",
        "日本語",
        'quo"te',
        "quo'te",
        "back\\slash",
        "*/",
        "${x}",
        "",
        "Reactor",
    ),
    *("Message", "Upload", "Any", "Literal", "number_of_things_to_do", "reactor", "command", "args", "await", "int"),
]
_LETTERS = [
    *"abc XYZ 09 _-",
    '"',
    "'",
    "\\",
    "\n",
    "\t",
    "*/",
    "/*",
    '"""',
    "`",
    "@",
    "#",
    "//",
    "{",
    "}",
    "$",
    "é",
    "日",
    "…",
]


def odd_document(seed: int) -> dict[str, Any]:
    """An OpenAPI document; the same for the same number."""
    return _Maker(random.Random(seed)).document()


class _Maker:
    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def document(self) -> dict[str, Any]:
        messages = {self._word(): self._class() for _ in range(self._dice.randrange(5))}
        schemas = {cls: self._object(2, plain=True) for cls in messages.values()}
        return {
            "openapi": "3.1.0",
            "info": {"title": self._word(), "version": self._word(), "description": self._text()},
            "x-reactor": {"tracks": [self._track() for _ in range(self._dice.randrange(4))]},
            "paths": {f"/events/{self._word() or 'x'}": {"post": self._operation(list(schemas))} for _ in range(6)},
            "webhooks": {
                name: {"post": {"requestBody": _body(cls), "summary": self._text()}} for name, cls in messages.items()
            },
            "components": {"schemas": schemas},
        }

    def _operation(self, classes: list[str]) -> dict[str, Any]:
        responses: dict[str, Any] = {}
        if classes and self._dice.random() < 0.6:
            responses["200"] = _body(self._dice.choice(classes))
        if not responses or self._dice.random() < 0.3:
            responses["202"] = {"description": "Command accepted"}
        schema = self._object(3, plain=False)
        content = {"content": {"application/json": {"schema": schema}}}
        return {"summary": self._text(), "requestBody": content, "responses": responses}

    def _object(self, depth: int, *, plain: bool) -> dict[str, Any]:
        properties = {self._word(): self._field(depth, plain=plain) for _ in range(self._dice.randrange(6))}
        required = [name for name, field in properties.items() if "default" not in field and self._dice.random() < 0.7]
        made = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        return {**made, "title": self._class()} if self._dice.random() < 0.5 else made

    def _field(self, depth: int, *, plain: bool) -> dict[str, Any]:
        schema = self._schema(depth, plain=plain)
        if self._dice.random() < 0.4:
            schema = {**schema, "description": self._text()}
        return schema

    def _schema(self, depth: int, *, plain: bool) -> dict[str, Any]:
        kinds = ["any", "boolean", "integer", "number", "string", "text", "choice", "numbers"]
        kinds += [] if plain else ["upload"]
        kinds += ["list", "map", "maybe", "object", "either"] if depth else []
        kind = self._dice.choice(kinds)
        if kind == "list":
            return {"type": "array", "items": self._schema(depth - 1, plain=plain), "maxItems": 9}
        if kind == "map":
            return {"type": "object", "additionalProperties": self._schema(depth - 1, plain=plain)}
        if kind == "maybe":
            return {"anyOf": [self._schema(depth - 1, plain=plain), {"type": "null"}], **self._default(None)}
        if kind == "either":
            return {"oneOf": [self._schema(depth - 1, plain=plain), self._schema(depth - 1, plain=plain)]}
        if kind == "object":
            return self._object(depth - 1, plain=plain)
        simple: dict[str, dict[str, Any]] = {
            "any": {},
            "boolean": {"type": "boolean", **self._default(True)},
            "integer": {"type": "integer", "minimum": 0, **self._default(self._dice.randrange(10**6))},
            "number": {
                "type": "number",
                "maximum": 1e9,
                **self._default(self._dice.uniform(-1, 1) * 10.0 ** self._dice.randrange(-9, 25)),
            },
            "string": {"type": "string", "maxLength": 500},
            "text": {"type": "string", **self._default(self._text())},
            "choice": {"type": "string", "enum": [self._text() for _ in range(self._dice.randrange(1, 6))]},
            "numbers": {
                "enum": self._dice.sample([0, 1, 2.5, -3, True, None, "x", 1e30, 1e-7], self._dice.randrange(1, 5))
            },
            "upload": {"$ref": "#/components/schemas/ReactorUploadReference"},
        }
        return simple[kind]

    def _default(self, value: Any) -> dict[str, Any]:
        return {"default": value} if self._dice.random() < 0.5 else {}

    def _track(self) -> dict[str, Any]:
        return {
            "name": self._word(),
            "kind": self._dice.choice(["video", "audio"]),
            "direction": self._dice.choice(["in", "out"]),
        }

    def _word(self) -> str:
        return "_".join(self._dice.choice(_WORDS) for _ in range(self._dice.choice((1, 1, 1, 2))))

    def _class(self) -> str:
        return self._dice.choice(["Look", "Point", "Message", "Reactor", "HTTPError", "A", "消息", "Any"]) + str(
            self._dice.randrange(9)
        )

    def _text(self) -> str:
        return "".join(self._dice.choice(_LETTERS) for _ in range(self._dice.choice((0, 3, 20, 200))))


def _body(cls: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{cls}"}}}}
