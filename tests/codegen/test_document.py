"""What is read from a document, and what is said of one that is none."""

from __future__ import annotations

import contextlib
import json
import random
from typing import Any

import pytest

from reactor_runtime.codegen import SchemaError, python_client, typescript_client
from reactor_runtime.codegen.document import read_document
from reactor_runtime.codegen.shapes import ANY, NULL, AnyOf, Choice, ListOf, MapOf, ObjectRef, Scalar, Track, Upload

from .clients import PAINT, command, document, document_of, refers, torture
from .odd_documents import odd_document

NUMBER = {"type": "number"}
POINT = {"type": "object", "title": "Point", "properties": {"x": NUMBER}, "additionalProperties": False}


def shape_of(schema: Any, **components: Any) -> Any:
    made = document(paths={"/events/do": command({"it": schema})}, components={"schemas": components})
    return read_document(made).commands[0].fields[0].shape


def test_the_demo() -> None:
    read = read_document(document_of(PAINT))
    assert (read.title, read.version) == ("paint", "v0.0.0")
    assert [command.name for command in read.commands] == ["paint", "set_palette", "set_speed", "reset", "plant_image"]
    assert [message.name for message in read.messages] == ["look", "planted", "progress"]
    assert read.tracks == [Track("main_video", "video", "out")]
    x, y, radius = read.commands[0].fields
    assert (x.required, y.required, radius.required, radius.default) == (True, True, False, 0.04)
    assert (radius.description, radius.limits) == ("As a part of the height.", "From 0.005 to 0.3.")
    assert [command.reply for command in read.commands] == [None, "look", "look", "look", "planted"]


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        ({}, ANY),
        ({"type": "array", "items": True}, ListOf(ANY)),
        ({"type": "integer"}, Scalar("integer")),
        ({"type": ["string", "null"]}, AnyOf((Scalar("string"), NULL))),
        ({"anyOf": [NUMBER, {"type": "null"}]}, AnyOf((Scalar("number"), NULL))),
        ({"anyOf": [NUMBER, {}]}, ANY),
        ({"allOf": [NUMBER]}, Scalar("number")),
        ({"const": 1}, Choice((1,), ("It", "DoIt"))),
        ({"enum": ["a", None]}, AnyOf((Choice(("a",), ("It", "DoIt")), NULL))),
        ({"oneOf": [{"const": 1}, {"const": "a"}]}, Choice((1, "a"), ("It", "DoIt"))),
        ({"type": "array"}, ListOf(ANY)),
        ({"type": "array", "items": NUMBER}, ListOf(Scalar("number"))),
        ({"type": "object"}, MapOf(ANY)),
        ({"type": "object", "additionalProperties": NUMBER}, MapOf(Scalar("number"))),
        ({"$ref": "#/components/schemas/ReactorUploadReference"}, Upload()),
        ({"$ref": "#/components/schemas/Place"}, ObjectRef("#Place")),
        ({"$ref": "#/components/schemas/Many"}, ListOf(ObjectRef("#Place"))),
    ],
)
def test_a_schema_is_a_shape(schema: Any, shape: Any) -> None:
    many = {"type": "array", "items": {"$ref": "#/components/schemas/Place"}}
    assert shape_of(schema, Place=POINT, Many=many) == shape


def test_an_object_of_one_name_and_the_same_fields_is_one_type() -> None:
    other = {**POINT, "properties": {"y": NUMBER}}
    paths = {
        "/events/one": command({"from": {**POINT, "description": "here"}, "to": POINT}),
        "/events/two": command({"places": {"type": "array", "items": POINT}, "other": other}),
    }
    read = read_document(document(paths=paths))
    assert [made.names[0] for made in read.objects.values()] == ["Point", "Point"]
    source = python_client(document(paths=paths), "")
    assert "from_: Point | None = None, to: Point | None = None" in source
    assert "places: list[Point] | None" in source and "other: Other | None" in source


def test_an_object_without_a_name_is_called_after_its_field() -> None:
    bare = {key: value for key, value in POINT.items() if key != "title"}
    source = python_client(
        document(paths={"/events/draw": command({"stroke_points": {"type": "array", "items": bare}})}), ""
    )
    assert "class StrokePoint:" in source and "stroke_points: list[StrokePoint]" in source


def test_a_type_may_hold_itself() -> None:
    node = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}},
    }
    made = document(
        paths={"/events/plant": command({"root": {"$ref": "#/components/schemas/Node"}}, ["root"])},
        components={"schemas": {"Node": node}},
    )
    assert "children: list[Node] | None = None" in python_client(made, "")
    assert "children?: Node[];" in typescript_client(made, "")


def test_an_answer_that_may_be_empty_is_optional() -> None:
    both = {"200": refers("Look"), "202": {"description": "superseded"}}
    made = document(
        paths={
            "/events/slide": command({}, responses=both),
            "/events/set": command({}, responses={"200": refers("Look")}),
        },
        webhooks={"look": {"post": {"requestBody": refers("Look")}}},
        components={"schemas": {"Look": {"type": "object", "properties": {}}}},
    )
    source = python_client(made, "")
    assert "async def slide(self) -> Look | None:" in source
    assert "async def set(self) -> Look:" in source


def test_an_answer_that_is_no_published_message_is_one_all_the_same() -> None:
    made = document(
        paths={"/events/ask": command({}, responses={"200": refers("FullAnswer")})},
        components={"schemas": {"FullAnswer": {"type": "object", "properties": {"n": NUMBER}}}},
    )
    assert [(message.name, message.body.key) for message in read_document(made).messages] == [
        ("full_answer", "#FullAnswer")
    ]


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (None, "this is no document of a model: the document: expected an object, got null"),
        ([], "the document: expected an object, got a list"),
        ({"detail": "Not Found"}, "this is no OpenAPI document: it has no key 'openapi'"),
        (document(paths=[]), "paths: expected an object, got a list"),
        (document(paths={"/events/x": {"post": 3}}), "paths./events/x.post: expected an object, got 3"),
        (document(paths={"/events/x": command({"a": "text"})}), "paths./events/x.a: expected an object, got 'text'"),
        (document(paths={"/events/x": command({"a": {"$ref": "#/nowhere"}})}), "#/nowhere leads nowhere"),
        (document(**{"x-reactor": {"tracks": 1}}), "x-reactor.tracks: expected a list, got 1"),
        (document(webhooks={"m": {"post": {"requestBody": refers("M")}}}), "#/components/schemas/M leads nowhere"),
        (
            document(
                webhooks={"m": {"post": {"requestBody": refers("M")}}},
                components={"schemas": {"M": {"type": "string"}}},
            ),
            "webhooks.m: a message is an object with fields",
        ),
        (
            document(
                paths={"/events/x": command({"a": {"$ref": "#/components/schemas/A"}})},
                components={"schemas": {"A": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}}},
            ),
            "components.schemas.A: it is made of itself",
        ),
    ],
)
def test_what_is_no_document_is_refused_in_one_line(made: Any, says: str) -> None:
    for write in (python_client, typescript_client):
        with pytest.raises(SchemaError) as refused:
            write(made, "")
        assert says in str(refused.value)
        assert "\n" not in str(refused.value)


_ODD: list[Any] = [None, True, 0, -1.5, 1e300, "", "object", "#/x", "\ud800", [], [None], ["a"], {}, {"a": 1}, [[{}]]]
_KEYS = ["type", "enum", "const", "anyOf", "properties", "required", "items", "title", "default", "$ref", "summary"]


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Each object and list within, with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, key) for key in keys] + [place for key in keys for place in places_in(value[key])]


@pytest.mark.parametrize("seed", range(0, 500, 100))
def test_whatever_a_server_says_is_read_or_refused(seed: int) -> None:
    for dice in (random.Random(number) for number in range(seed, seed + 40)):
        made = json.loads(json.dumps(odd_document(seed) if dice.random() < 0.7 else torture()))
        for _ in range(dice.randrange(1, 4)):
            holder, key = dice.choice(places_in(made))
            holder[dice.choice(_KEYS) if isinstance(holder, dict) and dice.random() < 0.5 else key] = dice.choice(_ODD)
        with contextlib.suppress(SchemaError):
            compile(python_client(made, "x"), "client.py", "exec")
            typescript_client(made, "x").encode()
