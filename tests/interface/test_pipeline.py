"""What a pipeline and its state may declare, the commands that makes, and what is refused where the class stands."""

from __future__ import annotations

import abc
import dataclasses
import enum
import functools
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pytest

import reactor_runtime
import reactor_runtime.interface
from reactor_runtime.errors import DeclarationError, FieldError
from reactor_runtime.interface import (
    Idle,
    Input,
    InputField,
    InputState,
    Output,
    ReactorModel,
    ReactorPipeline,
    UploadedFile,
    Video,
    connected,
    event,
    session_ended,
    session_started,
)
from reactor_runtime.interface.fields import no_uploads
from reactor_runtime.interface.model import handlers_of
from reactor_runtime.interface.schema import openapi
from reactor_runtime.interface.tracks import tracks_of


class Mood(enum.Enum):
    CALM = "calm"
    WILD = "wild"


@dataclass(frozen=True)
class Spot:
    x: float
    y: float = 0.5


class Frame(Output):
    main_video: Video


class Camera(Input):
    webcam: Video


class PaintState(InputState):
    """Some of everything."""

    prompt: str = InputField(default="a cat", max_length=10, description="What to paint.", moderate=True)
    strength: Annotated[float, InputField(ge=0, le=2, description="How much.")] = 1
    steps: int = 3
    seed: Annotated[int, InputField(default=7, ge=0)]
    mood: Mood = Mood.CALM
    size: Literal["s", "l"] = "s"
    spot: Spot = Spot(0.25)
    points: list[Spot] | None = None
    image: UploadedFile | None = None
    kinds: ClassVar[int] = 2
    _cache: dict[str, int] = dataclasses.field(default_factory=dict)
    _scale: float = InputField(default=2.0, le=1)  # plain data, whatever stands there
    _later: Any = None


class Paint(ReactorPipeline):
    """Paints."""

    state: PaintState
    input: Camera
    output: Frame

    @event(name="reset")
    def reset(self): ...

    def inference(self):
        while True:
            yield Frame(main_video=np.zeros((4, 4, 3), np.uint8))


def parse(model: type[ReactorModel], command: str, **given: Any) -> dict[str, Any]:
    return handlers_of(model).commands[command].arguments(given, no_uploads)


def names(model: type[ReactorModel]) -> list[str]:
    return list(handlers_of(model).commands)


def refused(match: str):
    return pytest.raises(DeclarationError, match=match)


# -- the names


@pytest.mark.parametrize("package", [reactor_runtime, reactor_runtime.interface])
@pytest.mark.parametrize("name", ["ReactorPipeline", "InputState", "Idle"])
def test_the_names_are_where_authors_look_for_them(package, name):
    assert name in package.__all__ and getattr(package, name).__name__ == name


# -- the state


def test_an_instance_holds_plain_defaults_and_each_one_its_own():
    state = PaintState()
    assert (state.prompt, state.strength, state.steps, state.seed) == ("a cat", 1.0, 3, 7)
    assert isinstance(state.strength, float)
    assert (state.mood, state.size, state.spot, state.points, state.image) == (Mood.CALM, "s", Spot(0.25), None, None)
    assert (state._cache, state._scale, state._later, state.kinds) == ({}, 2.0, None, 2)
    assert PaintState()._cache is not state._cache
    assert PaintState(prompt="x", steps=1) != PaintState(prompt="x") == PaintState(prompt="x")
    with pytest.raises(TypeError, match="promt"):
        PaintState(promt="x")


def test_the_dataclass_line_may_stand_above_in_each_of_its_forms():
    @dataclass
    class Lined(InputState):
        prompt: str = InputField(default="a", max_length=3)
        _seen: list[int] = dataclasses.field(default_factory=list)

    @dataclass(slots=True)
    class Slotted(InputState):
        prompt: str = InputField(default="a", max_length=3)

    @dataclass(kw_only=True)
    class Keyed(InputState):
        _: dataclasses.KW_ONLY
        prompt: str = dataclasses.field(default="a", kw_only=True)

    for state in (Lined, Slotted, Keyed):

        class Model(ReactorPipeline):
            state: state

            def inference(self):
                yield

        assert names(Model) == ["set_prompt"]
        assert Model().state.prompt == state().prompt == "a"
        assert parse(Model, "set_prompt", prompt="b") == {"prompt": "b"}


def test_a_default_becomes_what_a_client_would_have_set():
    class State(InputState):
        plain: float = 1
        spec: Mood = InputField(default="wild")
        made: float = dataclasses.field(default=1)

    state = State()
    assert (state.plain, state.spec, state.made) == (1.0, Mood.WILD, 1.0)
    assert isinstance(state.plain, float) and isinstance(state.made, float)


def test_a_state_inherits_fields_and_may_declare_one_anew():
    class Shared(InputState):
        prompt: str = ""
        steps: int = 3

    class More(Shared):
        steps: int = InputField(default=5, le=9)
        zoom: float = 1.0

    class Model(ReactorPipeline):
        state: More

        def inference(self):
            yield

    assert names(Model) == ["set_prompt", "set_steps", "set_zoom"]
    assert (More().prompt, More().steps, Shared().steps) == ("", 5, 3)
    with pytest.raises(FieldError, match="above the maximum 9"):
        parse(Model, "set_steps", steps=10)


@pytest.mark.parametrize(
    ("annotation", "default", "problem"),
    [
        (str, None, r"State.field: its default does not fit: expected a string"),
        (str, InputField(), r"State.field: has no default; a session begins with a fresh state"),
        (str, InputField(max_length=3), r"State.field: has no default"),
        (Annotated[str, InputField(max_length=3)], "long", r"State.field: its default does not fit: has length 4"),
        (float, InputField(default=3, le=2), r"State.field: its default does not fit: 3.0 is above the maximum 2"),
        (str, InputField(default="", ge=1), r"State.field: ge and le are for numbers"),
        (list[int], [], r"State.field: a mutable default"),
        (list[int], InputField(default=[]), r"State.field: a mutable default"),
        (Any, np.zeros(2), r"State.field: a mutable default"),
        (list[int], dataclasses.field(default_factory=list), r"State.field: a default that is made for each use"),
        (complex, 1j, r"State.field: complex cannot come from a client"),
        ("Unknown", None, r"State.field: the annotation 'Unknown' names something that is not defined"),
        (int | str, 1, r"State.field: a Union of several types"),
    ],
)
def test_a_field_that_cannot_work_is_refused_with_class_and_field(annotation, default, problem):
    with refused(problem):
        type("State", (InputState,), {"__annotations__": {"field": annotation}, "field": default})


def test_each_field_needs_a_default():
    with refused(r"State.prompt: has no default; a session begins with a fresh state, so each field needs one"):

        class State(InputState):
            prompt: str

    with refused(r"Private._cache: has no default"):

        class Private(InputState):
            _cache: dict[str, int]


def test_private_fields_may_not_share_what_can_change_either():
    with refused(r"State._seen: a mutable default is shared between sessions; use dataclasses.field\(default_factory="):

        class State(InputState):
            _seen: list[int] = []  # noqa: RUF012 - the mistake it is about


def test_a_field_without_its_annotation_is_no_field():
    with refused(r"State.prompt: has no annotation"):

        class State(InputState):
            prompt = InputField(default="")

    class Base(InputState):
        prompt: str = ""

    with refused(r"Changed.prompt: has no annotation"):

        class Changed(Base):
            prompt = "b"


# -- the commands


def test_each_public_field_is_a_command_after_the_declared_ones():
    assert names(Paint) == [
        "reset",
        *(f"set_{name}" for name in ("prompt", "strength", "steps", "seed", "mood", "size", "spot", "points", "image")),
    ]


def test_what_is_sent_is_validated_as_the_parameter_of_a_handler_is():
    assert parse(Paint, "set_prompt", prompt="a dog") == {"prompt": "a dog"}
    assert parse(Paint, "set_mood", mood="wild") == {"mood": Mood.WILD}
    assert parse(Paint, "set_points", points=[{"x": 1}]) == {"points": [Spot(1.0)]}
    assert parse(Paint, "set_steps", steps=4.0) == {"steps": 4}
    assert parse(Paint, "set_strength") == {"strength": 1.0}  # left out: back to the default
    for command, given, problem in [
        ("set_prompt", {"prompt": "too long a prompt"}, "prompt: has length 17, above the maximum 10"),
        ("set_prompt", {"promt": "x"}, "promt: no such argument; did you mean prompt?"),
        ("set_strength", {"strength": 2.4}, "strength: 2.4 is above the maximum 2"),
        ("set_seed", {"seed": -1}, "seed: -1 is below the minimum 0"),
        ("set_steps", {"steps": True}, "steps: expected an integer, got True"),
        ("set_spot", {"spot": {"x": 1, "z": 1}}, "spot.z: no such field"),
    ]:
        with pytest.raises(FieldError) as caught:
            parse(Paint, command, **given)
        assert str(caught.value).startswith(problem)


def test_the_schema_publishes_limits_default_description_and_moderation():
    document = openapi(Paint, "paint")
    assert list(document["paths"]) == [f"/events/{name}" for name in names(Paint)]
    operation = document["paths"]["/events/set_prompt"]["post"]
    assert operation["operationId"] == "set_prompt" and operation["summary"] == "What to paint."
    assert operation["responses"] == {"202": {"description": "Command accepted"}}
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {
        "type": "object",
        "properties": {
            "prompt": {
                "type": "string",
                "default": "a cat",
                "description": "What to paint.",
                "maxLength": 10,
                "x-reactor-moderate": True,
            }
        },
        "additionalProperties": False,
    }

    def field(name: str) -> Any:
        body = document["paths"][f"/events/set_{name}"]["post"]["requestBody"]["content"]["application/json"]
        return body["schema"]["properties"][name]

    assert field("strength") == {
        "type": "number",
        "default": 1.0,
        "description": "How much.",
        "minimum": 0,
        "maximum": 2,
        "x-reactor-moderate": False,
    }
    assert field("mood") == {"type": "string", "enum": ["calm", "wild"], "default": "calm", "x-reactor-moderate": False}
    assert field("spot")["default"] == {"x": 0.25, "y": 0.5}
    assert field("image")["anyOf"][0] == {"$ref": "#/components/schemas/ReactorUploadReference"}
    assert [(track.name, track.direction) for track in tracks_of(Paint)] == [("webcam", "in"), ("main_video", "out")]
    assert document["info"]["description"] == "Paints."


def test_a_handler_of_the_name_replaces_the_generated_command():
    class Own(ReactorPipeline):
        state: PaintState

        @event(name="set_prompt", description="Mine.")
        def on_prompt(self, prompt: str, fast: bool = False):
            self.state.prompt = prompt.upper()

        @event(name="undo")
        def undo(self): ...

        def inference(self):
            yield

    assert names(Own)[:3] == ["set_prompt", "undo", "set_strength"] and names(Own).count("set_prompt") == 1
    assert parse(Own, "set_prompt", prompt="x", fast=True) == {"prompt": "x", "fast": True}
    with pytest.raises(FieldError, match="required"):
        parse(Own, "set_prompt")

    class Below(Own):
        @event(name="redo")
        def redo(self): ...

    assert names(Below)[:4] == ["set_prompt", "undo", "redo", "set_strength"]
    assert "set_prompt" in names(Paint) and not handlers_of(Own).commands["set_prompt"].generated

    class Replaced(Paint):
        @event(name="set_steps")
        def set_steps(self, count: int): ...

    assert parse(Replaced, "set_steps", count=3) == {"count": 3}
    assert parse(Paint, "set_steps", steps=3) == {"steps": 3}


def test_a_method_of_the_name_without_the_decorator_is_asked_about():
    with refused(r"Forgot.set_steps: the state has a field 'steps'.*put @event\(name=\"set_steps\"\) above it"):

        class Forgot(ReactorPipeline):
            state: PaintState

            def set_steps(self, steps: int): ...

            def inference(self):
                yield


def test_a_method_of_the_name_may_be_another_command():
    class Model(ReactorPipeline):
        state: PaintState

        @event(name="steps")
        def set_steps(self, steps: int): ...

        def inference(self):
            yield

    assert {"steps", "set_steps"} <= set(names(Model))
    model = Model()
    model.__reactor_set__(**parse(Model, "set_steps", steps=9))
    assert model.state.steps == 9


def test_a_subclass_may_name_another_state():
    class Small(InputState):
        zoom: float = 1.0

    class Other(Paint):
        state: Small

    class Below(Other): ...

    assert names(Other) == names(Below) == ["reset", "set_zoom"]
    assert isinstance(Below().state, Small) and isinstance(Paint().state, PaintState)


def test_a_mixin_may_bring_the_state_and_the_generator():
    class Mixin:
        state: PaintState

        @event(name="mixed")
        def mixed(self): ...

        def inference(self):
            yield

    class First(Mixin, ReactorPipeline): ...

    assert names(First)[:2] == ["mixed", "set_prompt"]
    assert isinstance(First().state, PaintState)

    class Last(ReactorPipeline, Mixin):
        def inference(self):
            yield

    assert isinstance(Last().state, PaintState)


def test_a_pipeline_without_a_state_has_a_bare_one():
    class Plain(ReactorPipeline):
        def inference(self):
            yield

    assert names(Plain) == [] and type(Plain().state) is InputState


@pytest.mark.parametrize("annotation", [int, ReactorModel, Spot, "Unknown", PaintState | None])
def test_a_state_that_is_none_is_refused(annotation):
    with refused(r"Model.state: .* is no InputState; define `class MyState\(InputState\)`"):
        type("Model", (ReactorPipeline,), {"__annotations__": {"state": annotation}, "inference": Paint.inference})


def test_a_state_is_one_for_each_session_and_no_attribute_of_the_class():
    with refused(r"Model.state: is set in the class; write `state: MyState` alone"):

        class Model(ReactorPipeline):
            state: PaintState = PaintState()

            def inference(self):
                yield


def test_a_state_that_cannot_be_set_is_refused():
    @dataclass(frozen=True)
    class Frozen(InputState):
        prompt: str = ""

    with refused(r"Model.state: Frozen is frozen"):

        class Model(ReactorPipeline):
            state: Frozen

            def inference(self):
                yield


# -- the generator


def test_the_loop_is_a_generator_and_takes_no_argument():
    with refused(r"Missing.inference: is missing; write `def inference\(self\)` with a `yield`"):

        class Missing(ReactorPipeline):
            state: PaintState

    with refused(r"Plain.inference: is no generator; it has a `yield`"):

        class Plain(ReactorPipeline):
            def inference(self):
                return []

    with refused(r"Awaits.inference: is no generator"):

        class Awaits(ReactorPipeline):
            async def inference(self):
                return []

    with refused(r"Takes.inference: takes no argument but self"):

        class Takes(ReactorPipeline):
            def inference(self, prompt):
                yield

    with refused(r"Listed.inference: is no generator"):
        type("Listed", (ReactorPipeline,), {"inference": 3})


def test_a_run_of_its_own_is_refused_and_told_why():
    for kind in ("async def", "def"):
        with refused(r"Both.run: a ReactorPipeline has a run\(\) already, which turns inference\(\)"):
            scope: dict[str, Any] = {"ReactorPipeline": ReactorPipeline, "__name__": __name__}
            exec(f"class Both(ReactorPipeline):\n {kind} run(self): ...\n def inference(self): yield", scope)


def test_a_decorator_above_the_generator_does_not_hide_it():
    def quietly(function):
        @functools.wraps(function)
        def inner(*args):
            return function(*args)

        return inner

    class Wrapped(ReactorPipeline):
        @quietly
        def inference(self):
            yield 1

    assert list(Wrapped().inference()) == [1]


def test_a_base_leaves_the_generator_to_its_subclasses_when_it_says_so():
    class Base(ReactorPipeline, abc.ABC):
        state: PaintState

    class Strict(ReactorPipeline, abc.ABC):
        @abc.abstractmethod
        def inference(self): ...

    class Done(Base):
        def inference(self):
            yield Idle

    class Strictly(Strict):
        async def inference(self):
            yield Idle

    assert "set_prompt" in names(Base) and "set_prompt" in names(Done) and Strictly()
    with refused(r"Undone.inference: is missing"):

        class Undone(Base): ...

    with refused(r"Base.inference: is missing"):
        Base().inference()


def test_string_annotations_of_local_names_resolve_also_under_a_metaclass():
    class Local(enum.Enum):
        A = "a"

    class LocalState(InputState):
        pick: Local = Local.A

    class Model(ReactorPipeline, abc.ABC):
        state: LocalState

        @event(name="take")
        def take(self, it: Local): ...

    assert parse(Model, "set_pick", pick="a") == {"pick": Local.A}
    assert parse(Model, "take", it="a") == {"it": Local.A}


# -- without a runtime


def test_a_pipeline_is_an_ordinary_object():
    class Model(ReactorPipeline):
        state: PaintState

        @connected
        def hello(self): ...

        @session_started
        def begin(self): ...

        @session_ended
        def end(self): ...

        def inference(self):
            while True:
                yield self.state.steps

    model = Model()
    steps = model.inference()
    assert next(steps) == 3
    model.state.steps = 4
    assert next(steps) == 4
    assert Model().state.steps == 3
    model.state = PaintState(steps=8)
    assert next(steps) == 8
    with pytest.raises(TypeError, match=r"self\.state is a PaintState, got dict"):
        model.state = {"steps": 8}
    assert set(handlers_of(Model).hooks) == {"connected", "session_started", "session_ended"}
