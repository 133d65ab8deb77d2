"""The schema document, against the worked example of the wire's description."""

from __future__ import annotations

import pytest

from reactor_runtime.errors import DeclarationError
from reactor_runtime.interface import (
    Input,
    InputField,
    MessageField,
    ModelMessage,
    Output,
    ReactorModel,
    UploadedFile,
    Video,
    event,
)
from reactor_runtime.interface.schema import openapi
from reactor_runtime.interface.tracks import TrackInfo, tracks_of


class StyleChanged(ModelMessage):
    """The style now in force."""

    style: str = MessageField(description="Style name.")
    step: int = 0


class Views(Output):
    main_video: Video
    depth: Video
    score: float = 0.0


class Cams(Input):
    camera: Video


class Example(ReactorModel):
    """An example model."""

    input: Cams
    output: Views

    @event(name="set_style", description="Pick a style.")
    def set_style(self, style: str = InputField(choices=["ink", "oil"])) -> StyleChanged:
        return StyleChanged(style=style)

    @event(name="set_image", description="Give the model an image.")
    def set_image(self, image: UploadedFile, note: str | None = None): ...

    @event(name="set_speed", description="Bar speed.")
    def set_speed(self, speed: float = InputField(1.0, description="Bar speed.", ge=0, le=10, moderate=True)): ...


def test_the_document():
    document = openapi(Example, "wire-example", "v1.4.0")
    assert document["openapi"] == "3.1.0"
    assert document["info"] == {"title": "wire-example", "version": "v1.4.0", "description": "An example model."}
    assert document["x-reactor"]["tracks"] == [
        {"name": "camera", "kind": "video", "direction": "in"},
        {"name": "main_video", "kind": "video", "direction": "out"},
        {"name": "depth", "kind": "video", "direction": "out"},
    ]
    style = document["paths"]["/events/set_style"]["post"]
    assert style["operationId"] == "set_style" and style["summary"] == "Pick a style."
    body = style["requestBody"]["content"]["application/json"]["schema"]
    assert body == {
        "type": "object",
        "properties": {"style": {"type": "string", "enum": ["ink", "oil"], "x-reactor-moderate": False}},
        "required": ["style"],
        "additionalProperties": False,
    }
    reference = {"$ref": "#/components/schemas/StyleChanged"}
    assert style["responses"] == {
        "200": {"description": "StyleChanged", "content": {"application/json": {"schema": reference}}}
    }
    image = document["paths"]["/events/set_image"]["post"]
    assert image["responses"] == {"202": {"description": "Command accepted"}}
    properties = image["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert properties["image"]["$ref"] == "#/components/schemas/ReactorUploadReference"
    assert properties["note"] == {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "default": None,
        "x-reactor-moderate": False,
    }
    speed = document["paths"]["/events/set_speed"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert speed["properties"]["speed"] == {
        "type": "number",
        "default": 1.0,
        "description": "Bar speed.",
        "minimum": 0,
        "maximum": 10,
        "x-reactor-moderate": True,
    }
    assert document["webhooks"]["style_changed"]["post"]["summary"] == "The style now in force."
    assert document["components"]["schemas"]["StyleChanged"] == {
        "type": "object",
        "properties": {
            "style": {"type": "string", "description": "Style name."},
            "step": {"type": "integer", "default": 0},
        },
        "required": ["style"],
    }
    assert "ReactorUploadReference" in document["components"]["schemas"]


def test_a_model_without_commands_or_messages_has_no_paths():
    class Bare(ReactorModel):
        pass

    Bare.__module__ = "nowhere"
    document = openapi(Bare, "bare")
    assert "paths" not in document and "webhooks" not in document and "description" not in document["info"]


def test_outputs_are_found_where_they_are_named():
    def helper() -> Views:
        return Views(main_video=None, depth=None)

    class Direct(ReactorModel):
        async def run(self):
            await self.emit(helper())

    assert [track.name for track in tracks_of(Direct)] == ["main_video", "depth"]


def test_a_track_is_an_input_or_an_output_and_not_both():
    class Same(Input):
        main_video: Video

    class Confused(ReactorModel):
        input: Same
        output: Views

    Confused.__annotations__ = {"input": Same, "output": Views}
    with pytest.raises(DeclarationError, match="'main_video' is an input and an output"):
        tracks_of(Confused)
    assert TrackInfo("camera", "video", "in") in tracks_of(Example)


def test_the_schema_says_what_validation_does():
    """The published schema and the validator agree on a sample of values."""
    from reactor_runtime.errors import FieldError
    from reactor_runtime.interface.fields import no_uploads
    from reactor_runtime.interface.model import handlers_of

    command = handlers_of(Example).commands["set_speed"]
    for value, good in [(0, True), (10, True), (10.1, False), (-0.1, False), ("1", False), (True, False)]:
        if good:
            assert command.arguments({"speed": value}, no_uploads) == {"speed": float(value)}
        else:
            with pytest.raises(FieldError):
                command.arguments({"speed": value}, no_uploads)
