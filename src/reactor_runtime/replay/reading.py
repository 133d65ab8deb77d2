"""Scripts as files: JSON Lines, one event a line."""

from __future__ import annotations

import itertools
import math
import mimetypes
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from ..errors import ScriptError
from ..manifest import did_you_mean
from ..wire.shape import describe
from .events import Call, Connect, Deed, End, Event, Leave, Pause, Resume, Script, StopStream, Stream, Upload
from .order import check_order


def read_script(path: str | os.PathLike[str]) -> Script:
    """The script in the file `path`; what is in it is checked, and that the files it names are there.

    Raises:
        ScriptError: there is no such file, or something in it is wrong; names line and key.
    """
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScriptError(f"{file}: this is no text in UTF-8; a script is JSON Lines: one event a line") from error
    except (OSError, ValueError) as error:
        raise ScriptError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    lines = [_Line(file, number, line) for number, line in _numbered(text)]
    events = [line.event() for line in lines]
    for before, after in itertools.pairwise(events):
        if after.at < before.at:
            raise ScriptError(
                f"{file}:{after.line}: at: {after.at:g} is before line {before.line}, at {before.at:g}; "
                "events stand in the order of their times"
            )
    script = Script(str(file), tuple(events))
    return check_order(script)


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something; blank ones and comments do not."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith(("#", "//")):
            yield number, line


class _Line:
    """One line: an object with `at`, a verb, and what the verb takes."""

    def __init__(self, file: Path, number: int, text: str) -> None:
        self._file = file
        self._number = number
        try:
            values = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            self._fail("", f"this is no JSON: {str(error).removeprefix('JSON is malformed: ')}")
        if not isinstance(values, dict):
            self._fail("", f'expected an object such as {{"at": 0, "connect": true}}, got {describe(values)}')
        self._values: dict[str, Any] = values

    def event(self) -> Event:
        """What the line says."""
        verbs = [key for key in self._values if key in _VERBS]
        if len(verbs) > 1:
            self._fail("", f"says {' and '.join(verbs)}; a line is one event")
        extra = _VERBS[verbs[0]].keys if verbs else ()
        known = ["at", *extra, *verbs] if verbs else ["at", "client", *_VERBS]
        for key in self._values:
            if key not in known:
                beside = f" beside {verbs[0]}" if verbs else ""
                self._fail(key, f"no such key{beside}{did_you_mean(key, known)}")
        if not verbs:
            self._fail("", f"says only when; one of {', '.join(_VERBS)} says what happens")
        at = self._number_at()
        client = self._client() if "client" in extra else 0
        return Event(at, _VERBS[verbs[0]].read(self, verbs[0]), client, self._number)

    def _number_at(self) -> float:
        at = self._values.get("at")
        if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < math.inf:
            self._fail("at", f"expected the seconds from the session's start, got {describe(at)}")
        return float(at)

    def _client(self) -> int:
        client = self._values.get("client", 1)
        if isinstance(client, bool) or not isinstance(client, int) or client < 1:
            self._fail("client", f"expected a number of a client, 1 or above, got {describe(client)}")
        return client

    def true(self, key: str) -> None:
        """Nothing is said but that it happens."""
        if self._values[key] is not True:
            self._fail(key, f"expected true, got {describe(self._values[key])}")

    def flag(self, key: str) -> bool:
        value = self._values.get(key, False)
        if not isinstance(value, bool):
            self._fail(key, f"expected true or false, got {describe(value)}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self._values.get(key, default)
        if not isinstance(value, str) or not value:
            self._fail(key, f"expected a text, got {describe(value)}")
        return value

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            self._fail(key, f"expected an object, got {describe(value)}")
        return value

    def ids(self, key: str) -> Mapping[str, str]:
        """Ids of uploads by the name of a parameter."""
        values = self.mapping(key)
        for name, value in values.items():
            if not isinstance(value, str) or not value:
                self._fail(f"{key}.{name}", f"expected the id of an upload, got {describe(value)}")
        return values

    def file(self, key: str, default: str | None = None) -> Path:
        """A file that is there; relative paths begin at the script."""
        text = self.text(key, default)
        try:
            path = self._file.parent / Path(text).expanduser()
            size = path.stat().st_size if path.is_file() else None
        except (OSError, RuntimeError, ValueError) as error:
            self._fail(key, f"{text!r}: {getattr(error, 'strerror', None) or error}")
        if size is None:
            self._fail(key, f"no such file: {path}")
        if size == 0:
            self._fail(key, f"the file is empty: {path}")
        return path

    def _fail(self, key: str, problem: str) -> NoReturn:
        raise ScriptError(f"{self._file}:{self._number}: {key}{': ' if key else ''}{problem}")


class _Verb:
    """How an event of one kind is said: the other keys it takes, and what they mean."""

    def __init__(self, keys: str, read: Callable[[_Line, str], Deed]) -> None:
        self.keys = tuple(keys.split())
        self.read = read


def _connect(line: _Line, verb: str) -> Connect:
    line.true(verb)
    return Connect()


def _leave(line: _Line, verb: str) -> Leave:
    line.true(verb)
    return Leave()


def _end(line: _Line, verb: str) -> End:
    line.true(verb)
    return End(line.text("reason", "the script has ended"))


def _call(line: _Line, verb: str) -> Call:
    return Call(line.text(verb), line.mapping("arguments"), line.ids("uploads"))


def _upload(line: _Line, verb: str) -> Upload:
    name = line.text(verb)
    path = line.file("path", name)
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Upload(name, path, line.text("mime_type", guessed), line.text("id", name))


def _stream(line: _Line, verb: str) -> Stream:
    return Stream(line.text(verb), line.file("path"), line.flag("loop"))


_VERBS: dict[str, _Verb] = {
    "connect": _Verb("client", _connect),
    "command": _Verb("client arguments uploads", _call),
    "upload": _Verb("path mime_type id", _upload),
    "stream": _Verb("client path loop", _stream),
    "stop_stream": _Verb("client", lambda line, verb: StopStream(line.text(verb))),
    "pause": _Verb("client", lambda line, verb: Pause(line.text(verb))),
    "resume": _Verb("client", lambda line, verb: Resume(line.text(verb))),
    "leave": _Verb("client", _leave),
    "end": _Verb("reason", _end),
}
