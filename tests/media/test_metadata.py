"""A frame's metadata on its way out."""

from __future__ import annotations

import enum
import json
import re

import numpy as np
import pytest

from reactor_runtime.errors import OutputError
from reactor_runtime.interface import InputFrame
from reactor_runtime.media.metadata import encode_metadata

LIMIT = 4096
CIRCLE: dict[str, object] = {}
CIRCLE["again"] = CIRCLE


class Mood(enum.Enum):
    CALM = "calm"


def test_one_dict_is_for_every_frame():
    assert encode_metadata({"step": 3, "at": (0.5, 1)}, 3, "here", LIMIT) == [b'{"step":3,"at":[0.5,1]}'] * 3
    assert encode_metadata(None, 2, "here", LIMIT) == [b"", b""]
    assert encode_metadata({}, 1, "here", LIMIT) == [b"{}"]


def test_a_list_has_one_for_each_frame():
    assert encode_metadata([{"n": 0}, None, {"n": 2}], 3, "here", LIMIT) == [b'{"n":0}', b"", b'{"n":2}']


def test_values_become_json_as_those_of_messages_do():
    made = encode_metadata({"seed": np.int64(7), "mood": Mood.CALM, "pose": np.eye(2)}, 1, "here", LIMIT)[0]
    assert json.loads(made) == {"seed": 7, "mood": "calm", "pose": [[1, 0], [0, 1]]}


@pytest.mark.parametrize(
    ("value", "length", "problem"),
    [
        ("text", 1, "emit(): Frame.info: metadata is a dict, or for a batch a list of them; got a str"),
        ([{}], 2, "emit(): Frame.info: 1 dicts for 2 frames; give one for each"),
        ([{}, {}], 1, "emit(): Frame.info: 2 dicts for 1 frame; give one for each"),
        ([{}, 5], 2, "emit(): Frame.info[1]: the metadata of a frame is a dict, got a int"),
        ({"a": {"b": float("nan")}}, 1, "emit(): Frame.info.a.b: nan has no JSON form"),
        ({"a": object()}, 1, "emit(): Frame.info.a: a object cannot be put in a message"),
        ({"a": "\ud800"}, 1, "emit(): Frame.info: the metadata has no JSON form: "),
        (CIRCLE, 1, "emit(): Frame.info: the metadata has no JSON form: maximum recursion depth"),
        ({"a": "x" * LIMIT}, 1, f"bytes of metadata, and a frame takes {LIMIT}; send what is larger with"),
    ],
)
def test_what_cannot_travel_is_refused_by_its_path(value, length, problem):
    with pytest.raises(OutputError, match=re.escape(problem)):
        encode_metadata(value, length, "emit(): Frame.info", LIMIT)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"lens":"wide"}', {"lens": "wide"}),
        (b"", {}),
        (b"[1]", {}),
        (b"\xff\xfe", {}),
        (b"{", {}),
        (b"[" * 100_000, {}),
    ],
)
def test_what_came_in_is_a_dict_or_bytes(data, found):
    frame = InputFrame(np.zeros((1, 1, 3), np.uint8), user_data=data)
    assert frame.metadata == found and frame.user_data == data
