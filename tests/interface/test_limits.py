"""Limits of fields: what is refused, what the schema says, and that these are the same."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest

from reactor_runtime.errors import DeclarationError, FieldError
from reactor_runtime.interface import InputField
from reactor_runtime.interface.fields import field_type, no_uploads


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.Enum):
    LOW = 1
    HIGH = 3


class Mood(enum.StrEnum):
    CALM = "calm"


def takes(annotation: Any, value: Any) -> bool:
    try:
        field_type(annotation, "here").parse(value, "x", no_uploads)
    except FieldError:
        return False
    return True


def test_limits_that_are_given_twice_hold_both_and_are_published_so():
    twice = Annotated[int, InputField(ge=0, le=9), InputField(ge=-5, le=5)]
    assert field_type(twice, "here").schema() == {"type": "integer", "minimum": 0, "maximum": 5}
    assert [takes(twice, value) for value in (-1, 0, 5, 6)] == [False, True, True, False]
    lengths = Annotated[str, InputField(min_length=2), InputField(min_length=1, max_length=3)]
    assert field_type(lengths, "here").schema() == {"type": "string", "minLength": 2, "maxLength": 3}


def test_choices_narrow_what_a_literal_allows():
    narrow = Annotated[Literal["a", "b"], InputField(choices=["b", "c"])]
    assert field_type(narrow, "here").schema() == {"type": "string", "enum": ["b"]}
    assert [takes(narrow, value) for value in "abc"] == [False, True, False]


def test_limits_of_an_enum_are_those_of_its_values():
    named = Annotated[Colour, InputField(choices=[Colour.RED, "green"], max_length=3)]
    assert json.dumps(field_type(named, "here").schema())
    assert field_type(named, "here").parse("red", "x", no_uploads) is Colour.RED
    assert not takes(named, "blue")
    high = Annotated[Level, InputField(ge=2)]
    assert [takes(high, value) for value in (1, 3)] == [False, True]


def test_a_literal_of_an_enums_member():
    one = field_type(Literal[Mood.CALM, Colour.BLUE], "here")
    assert json.loads(json.dumps(one.schema())) == {"type": "string", "enum": ["calm", "blue"]}
    assert one.parse("blue", "x", no_uploads) is Colour.BLUE


def test_a_number_is_no_boolean_within_a_list_either():
    class Flags(enum.Enum):
        BOTH = (True, False)

    assert takes(Flags, [True, False])
    assert not takes(Flags, [1, 0])


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"ge": float("-inf")}, "ge=-inf has no JSON form"),
        ({"le": float("nan")}, "le=nan has no JSON form"),
    ],
)
def test_a_number_without_a_json_form_is_no_limit(limits: dict[str, float], says: str):
    with pytest.raises(DeclarationError, match=says):
        field_type(Annotated[float, InputField(**limits)], "here")


@pytest.mark.parametrize("limits", [{"min_length": -1}, {"max_length": 1.5}])
def test_a_length_is_a_whole_number(limits: dict[str, Any]):
    with pytest.raises(DeclarationError, match="is no length"):
        field_type(Annotated[str, InputField(**limits)], "here")


def test_an_input_field_is_no_default_of_a_dataclass():
    @dataclass
    class Point:
        x: float = InputField(default=1.0, ge=0)

    with pytest.raises(DeclarationError, match=r"here\.x: an InputField is no default of a dataclass"):
        field_type(Point, "here")
