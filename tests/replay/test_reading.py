"""Scripts as files: what they may say, and the one line that says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from reactor_runtime.errors import ScriptError
from reactor_runtime.interface.tracks import TrackInfo
from reactor_runtime.replay import (
    Call,
    Connect,
    End,
    Event,
    Leave,
    Pause,
    Resume,
    StopStream,
    Stream,
    Upload,
    read_script,
    with_webcam,
)
from reactor_runtime.replay.order import check_tracks

from .models import script


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "fox.png").write_bytes(b"fox")
    (tmp_path / "cam.mp4").write_bytes(b"not looked into yet")
    (tmp_path / "empty.png").touch()
    return tmp_path


def test_all_that_a_script_can_say(folder):
    lines = [
        "# what a client does",
        '{"at": 0, "connect": true}',
        "",
        '{"at": 0.5, "client": 2, "connect": true}',
        '{"at": 1, "command": "set", "arguments": {"x": [1, 2.5, null]}}',
        '{"at": 1, "upload": "fox.png", "path": "files/fox.png"}',
        '{"at": 1.5, "upload": "Fuchs", "path": "files/fox.png", "mime_type": "image/webp", "id": "u2"}',
        '{"at": 2, "client": 2, "command": "pin", "uploads": {"image": "u2"}}',
        '{"at": 3, "stream": "webcam", "path": "cam.mp4", "loop": true}',
        '{"at": 4, "stop_stream": "webcam"}',
        '{"at": 5, "pause": "main"}',
        '{"at": 6, "resume": "main"}',
        '{"at": 6, "leave": true}',
        '{"at": 7, "end": true, "reason": "enough"}',
    ]
    fox = folder / "files" / "fox.png"
    found = script(folder, *lines)
    assert [(event.at, event.client, event.line, event.deed) for event in found.events] == [
        (0, 1, 2, Connect()),
        (0.5, 2, 4, Connect()),
        (1, 1, 5, Call("set", {"x": [1, 2.5, None]})),
        (1, 0, 6, Upload("fox.png", fox, "image/png", "fox.png")),
        (1.5, 0, 7, Upload("Fuchs", fox, "image/webp", "u2")),
        (2, 2, 8, Call("pin", {}, {"image": "u2"})),
        (3, 1, 9, Stream("webcam", folder / "cam.mp4", True)),
        (4, 1, 10, StopStream("webcam")),
        (5, 1, 11, Pause("main")),
        (6, 1, 12, Resume("main")),
        (6, 1, 13, Leave()),
        (7, 0, 14, End("enough")),
    ]
    assert found.end == 7


def test_who_never_connects_is_there_from_the_start(folder):
    found = script(folder, '{"at": 2, "command": "a"}', '{"at": 3, "client": 2, "connect": true}')
    assert found.events[0] == Event(0.0, Connect(), 1)
    assert [event.client for event in found.events if event.deed == Connect()] == [1, 2]
    assert script(folder, "").events == (Event(0.0, Connect(), 1),)


def test_a_webcam_comes_with_the_first_client(folder):
    found = script(folder, '{"at": 2, "client": 7, "connect": true}', '{"at": 3, "client": 7, "command": "a"}')
    streamed = with_webcam(found, "webcam", folder / "cam.mp4")
    assert streamed.events[1] == Event(2, Stream("webcam", folder / "cam.mp4", True), 7)
    assert streamed.events[::2] == found.events


CONNECT = '{"at": 0, "connect": true}'


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (['{"at": 0'], ":1: this is no JSON: "),
        (["[1]"], ':1: expected an object such as {"at": 0, "connect": true}, got a list'),
        (['{"connect": true}'], ":1: at: expected the seconds from the session's start, got nothing"),
        (['{"at": true, "connect": true}'], ":1: at: expected the seconds from the session's start, got true"),
        (['{"at": -1, "connect": true}'], ":1: at: expected the seconds from the session's start, got -1"),
        (['{"at": "0", "connect": true}'], ':1: at: expected the seconds from the session\'s start, got "0"'),
        (['{"at": 1}'], ":1: says only when; one of connect, command, upload, "),
        (['{"at": 1, "comand": "x"}'], ":1: comand: no such key; did you mean command?"),
        (
            ['{"at": 1, "command": "x", "argument": {}}'],
            ":1: argument: no such key beside command; did you mean arguments?",
        ),
        (['{"at": 1, "command": "x", "stream": "y"}'], ":1: says command and stream; a line is one event"),
        (['{"at": 1, "upload": "files/fox.png", "client": 1}'], ":1: client: no such key beside upload"),
        (['{"at": 1, "client": 0, "command": "x"}'], ":1: client: expected a number of a client, 1 or above, got 0"),
        (['{"at": 1, "command": ""}'], ':1: command: expected a text, got ""'),
        (['{"at": 1, "command": "x", "arguments": [1]}'], ":1: arguments: expected an object, got a list"),
        (['{"at": 1, "command": "x", "uploads": {"a": 1}}'], ":1: uploads.a: expected the id of an upload, got 1"),
        (['{"at": 1, "command": "x", "uploads": {"a": "u"}}'], ":1: uploads.a: no upload 'u'; there are none"),
        (['{"at": 1, "leave": 1}'], ":1: leave: expected true, got 1"),
        (['{"at": 1, "upload": "dog.png"}'], ":1: path: no such file: "),
        (['{"at": 1, "upload": "files"}'], ":1: path: no such file: "),
        (['{"at": 1, "upload": "empty.png"}'], ":1: path: the file is empty: "),
        (['{"at": 1, "upload": "\\u0000"}'], ":1: path: "),
        (['{"at": 1, "stream": "webcam"}'], ":1: path: expected a text, got nothing"),
        (
            ['{"at": 1, "stream": "webcam", "path": "cam.mp4", "loop": 1}'],
            ":1: loop: expected true or false, got 1",
        ),
        (
            [CONNECT, "", '{"at": 2, "command": "x"}', '{"at": 1.5, "command": "x"}'],
            ":4: at: 1.5 is before line 3, at 2; events stand in the order of their times",
        ),
        ([CONNECT, CONNECT], ":2: client 1 is connected already"),
        (['{"at": 1, "command": "x"}', '{"at": 2, "connect": true}'], ":1: client 1 is not connected here; "),
        ([CONNECT, '{"at": 1, "leave": true}', '{"at": 2, "command": "x"}'], ":3: client 1 is not connected here"),
        (
            ['{"at": 1, "end": true}', '{"at": 2, "command": "x"}'],
            ":2: nothing comes after the end, of line 1",
        ),
        (
            ['{"at": 1, "upload": "files/fox.png", "id": "u"}', '{"at": 2, "upload": "files/fox.png", "id": "u"}'],
            ":2: id: 'u' is that of line 1 already",
        ),
    ],
)
def test_what_is_wrong_is_said_with_line_and_key(folder, lines, problem):
    with pytest.raises(ScriptError) as raised:
        script(folder, *lines)
    assert f"{folder / 'script.jsonl'}{problem}" in str(raised.value)


def test_a_file_that_is_no_script(folder):
    with pytest.raises(ScriptError, match="No such file"):
        read_script(folder / "none.jsonl")
    with pytest.raises(ScriptError, match="Is a directory"):
        read_script(folder)
    (folder / "latin.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(ScriptError, match="no text in UTF-8"):
        read_script(folder / "latin.jsonl")


def test_tracks_are_those_of_the_model(folder):
    tracks = [TrackInfo("webcam", "video", "in"), TrackInfo("main", "video", "out")]
    check_tracks(
        script(folder, '{"at": 0, "stream": "webcam", "path": "cam.mp4"}', '{"at": 1, "pause": "main"}'), tracks
    )
    for line, problem in (
        (
            '{"at": 0, "stream": "webcm", "path": "cam.mp4"}',
            "no input track 'webcm' of this model; did you mean webcam?",
        ),
        ('{"at": 0, "stop_stream": "main"}', "no input track 'main' of this model; there is webcam"),
        ('{"at": 0, "pause": "webcam"}', "no output track 'webcam' of this model; there is main"),
    ):
        with pytest.raises(ScriptError) as raised:
            check_tracks(script(folder, line), tracks)
        assert f"script.jsonl:1: {problem}" in str(raised.value)
