"""What a model takes is what its document says: a reader of JSON Schema accepts a value exactly where the runtime does.

Differences that are meant, each with its reason, stand in `meant`; nothing else may differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import assume, event, given, note
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from reactor_runtime.codegen.python import python_client
from reactor_runtime.codegen.typescript import typescript_client
from reactor_runtime.errors import DeclarationError, FieldError
from reactor_runtime.interface import UploadedFile
from reactor_runtime.limits import Limits
from reactor_runtime.wire import messages as wire
from reactor_runtime.wire.json_v0 import JsonV0
from reactor_runtime.wire.protobuf_v1 import ProtobufV1

from . import frames
from .budget import budget
from .declarations import Declared, annotations, declare
from .values import texts

LIMITS = Limits()
REFERENCE = {"upload_id": "there", "name": "a.png", "mime_type": "image/png", "size": 3}

FILE = UploadedFile("a.png", data=b"abc")


def resolve(reference: Mapping[str, Any], path: str) -> UploadedFile:
    """The file a reference names; where it is none, the engine says so, and not the field."""
    return FILE


def taken(declared: Declared, given: dict[str, Any]) -> bool:
    try:
        declared.command.arguments(given, resolve)
    except FieldError as error:
        note(f"the runtime refuses: {error}")
        return False
    return True


def said(declared: Declared, given: dict[str, Any]) -> bool:
    schema = {**declared.schema, "components": declared.document["components"]}
    error: ValidationError | None = next(Draft202012Validator(schema).iter_errors(given), None)
    if error is not None:
        note(f"the document refuses: {error.message} at {error.json_path}")
    return error is None


def meant(declared: Declared, given: Any) -> str | None:
    """Why the runtime may differ from the document for these arguments; None where it may not."""
    if any(isinstance(value, int) and abs(value) > 1.7e308 for value in _all(given)):
        return "JSON Schema's numbers have no end; those of a client end where a float's do, on either wire"
    if any(isinstance(value, int) and abs(value) > 2**53 for value in _all(given)):
        return "a float field holds an integer above 2**53 as the nearest double, as JavaScript does; so do its limits"
    if any(isinstance(value, dict) and "upload_id" in value and value != REFERENCE for value in _all(given)):
        return "of a reference only `upload_id` is needed: the file itself says the rest"
    return None


def _all(value: Any) -> list[Any]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value, *(found for child in children for found in _all(child))]


# -- values that are near what a schema asks for

_numbers = st.integers(-5, 5) | st.floats(-5, 5) | st.sampled_from([1.0, -0.0, 1e300, 2**53 + 1, 10**400, 1e-300])
_words = st.sampled_from(["a", "ab", "red", "blue", "", "é", "\U0001f600", "e\u0301", "1", "true"]) | texts
_scalars = st.none() | st.booleans() | _numbers | _words
_keys = st.sampled_from(["x", "y", "z", "w", "upload_id"])
_anything = st.recursive(
    _scalars | st.just(REFERENCE),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "y", "z", "upload_id", "w"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def values(draw: st.DrawFn, schema: dict[str, Any], strays: bool = True) -> Any:
    """Mostly what fits `schema`, or nearly; now and then, with `strays`, anything."""
    if strays and draw(st.integers(0, 5)) == 0:
        return draw(_anything)
    if "$ref" in schema:
        return REFERENCE
    if "anyOf" in schema:
        return draw(values(draw(st.sampled_from(schema["anyOf"])), strays))
    if schema.get("enum"):
        return draw(st.sampled_from(schema["enum"]))
    match schema.get("type"):
        case "array":
            items = schema["items"]
            return draw(st.lists(values(items) if items else _anything, max_size=4))
        case "object" if "properties" in schema:
            made = {
                name: draw(values(each))
                for name, each in schema["properties"].items()
                if draw(st.integers(0, 5)) > (0 if name in schema.get("required", ()) else 2)
            }
            return made | ({"w": draw(_scalars)} if draw(st.integers(0, 9)) == 0 else {})
        case "object":
            return draw(st.dictionaries(st.sampled_from(["x", "y", "z"]), values(schema["additionalProperties"])))
        case "integer":
            return draw(st.integers(-5, 5) | st.sampled_from([1.0, 0.5, -0.0]))
        case "number":
            return draw(_numbers)
        case "string":
            return draw(_words)
        case "boolean":
            return draw(st.booleans())
        case "null":
            return None
    return draw(_anything)


parameters = st.dictionaries(
    st.sampled_from(["alpha", "beta"]), st.tuples(annotations, st.booleans()), min_size=1, max_size=2
)


@budget(200)
@given(parameters, st.data())
def test_the_runtime_takes_what_the_document_says(takes: dict[str, tuple[Any, bool]], data: st.DataObject) -> None:
    try:
        declared = declare(takes)
    except DeclarationError as error:
        event("cannot be declared")
        note(str(error))
        assume(False)
        raise
    note(f"{takes}\n{json.dumps(declared.schema)}")
    # What is published is JSON, and a schema by its own rules.
    assert json.loads(json.dumps(declared.document, allow_nan=False)) == declared.document
    Draft202012Validator.check_schema(declared.schema)
    for _ in range(6):
        given = data.draw(values(declared.schema, strays=False), label="arguments")
        takes_it, says_it = taken(declared, given), said(declared, given)
        event("taken" if takes_it else "refused")
        assert takes_it == says_it or meant(declared, given)


@budget(150)
@given(parameters, st.data())
def test_both_wires_are_taken_alike(takes: dict[str, tuple[Any, bool]], data: st.DataObject) -> None:
    """The protobuf wire has doubles only, and integers come out of it as such: handlers get the same all the same."""
    try:
        declared = declare(takes)
    except DeclarationError:
        assume(False)
        raise
    given = data.draw(values(declared.schema, strays=False), label="arguments")
    assume(not any(isinstance(value, int) and abs(value) > 2**53 for value in _all(given)))
    message = wire.Command("go", given)
    outcomes = []
    for codec, frame in ((JsonV0(LIMITS), frames.json_frame), (ProtobufV1(LIMITS), frames.protobuf_frame)):
        arrived = codec.decode(frame(message), control=False)
        assert isinstance(arrived, wire.Command)
        try:
            outcomes.append(declared.command.arguments(arrived.arguments, resolve))
        except FieldError:  # of several wrong ones it names the first, and maps of protobuf have no order
            outcomes.append("refused")
    assert outcomes[0] == outcomes[1]


@budget(100)
@given(parameters)
def test_a_client_can_be_made_of_any_document(takes: dict[str, tuple[Any, bool]]) -> None:
    try:
        declared = declare(takes)
    except DeclarationError:
        assume(False)
        raise
    compile(python_client(declared.document, "reactor schema"), "client.py", "exec")
    assert typescript_client(declared.document, "reactor schema")
