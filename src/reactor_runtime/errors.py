"""Every error this runtime raises, on one page.

    ReactorError
      +-- DeclarationError   a model class says something that cannot work (also a TypeError and a ValueError)
      +-- OutputError        emit() was given something that is no picture (also a TypeError and a ValueError)
      +-- MessageError       a message field cannot be put on the wire (also a TypeError and a ValueError)
      +-- ManifestError      what is to be served is not there, or reactor.yaml, the config file or an option is wrong
      +-- WorkspaceError     a workspace cannot be made
      +-- ScriptError        a script of events, or a file it names, is wrong
      +-- ModelError         the model could not be imported, made or loaded
      +-- ReloadError        new code cannot take the place of what runs
      +-- FieldError         a client's value does not fit the field it is for
      +-- CommandError       a command is refused: a code and a message for the client
      +-- WireError          bytes from a client are no message
      +-- BufferClosed       an input buffer closed while it was being read
      +-- EncoderError       pictures cannot be encoded
      +-- SessionError       what was asked does not fit the session's state
      |     +-- NotReady     the model is still loading: try again
      |     +-- UnknownSession
      +-- UploadError        an upload is refused
      +-- ClipError          a part of a recording cannot be had
      +-- SignallingError    an offer, a candidate or a connection id is refused

Every message says what happened, where, and what to do about it. The errors that reach a client over HTTP carry the
`status` they are answered with.
"""

from __future__ import annotations


class ReactorError(Exception):
    """The root of the tree."""


class DeclarationError(ReactorError, TypeError, ValueError):
    """A model class declares something that cannot work; raised when its body runs."""


class OutputError(ReactorError, TypeError, ValueError):
    """`emit()` was given, or `inference()` yielded, something that is no picture; names track, dtype and shape."""


class MessageError(ReactorError, TypeError, ValueError):
    """A message field has no JSON form; raised at the `send()` call, with the field's path."""


class ManifestError(ReactorError):
    """What is to be served is not there, or the manifest, the config file or an option is wrong; names it."""


class WorkspaceError(ReactorError):
    """A workspace cannot be made: its name or its template is none, or its folder exists."""


class ScriptError(ReactorError):
    """A script of events for `reactor render`, or a file that it names, is wrong; says where."""


class ModelError(ReactorError):
    """The model could not be imported, made or loaded."""


class ReloadError(ReactorError):
    """New code cannot take the place of what runs. `restart` says whether a start from scratch would do it."""

    def __init__(self, problem: str, *, restart: bool = False) -> None:
        super().__init__(problem)
        self.restart = restart


class FieldError(ReactorError, ValueError):
    """A value does not fit its field. `path` leads to it, such as `points[2].x`."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path
        self.problem = problem


class CommandError(ReactorError):
    """A command is refused. Raise it in a handler: the caller, and nobody else, gets `code` and `message`.

    Codes the runtime itself uses: `invalid_command`, `unresolved_upload`, `busy`, `session_ended`, `forbidden`,
    `timeout`, `internal_error`.
    """

    def __init__(self, code: str, message: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = str(code)
        self.message = str(message)


class WireError(ReactorError):
    """Bytes from a client are no message.

    Args:
        problem: what is wrong, with the path of the field.
        code: the code a client is answered with.
        request_id: the request it was in, where that much could be read.
        command: the command it was for, where that much could be read.
        control: whether a reply belongs on the control channel rather than on the data channel.
    """

    def __init__(
        self,
        problem: str,
        *,
        code: str = "invalid_message",
        request_id: str | None = None,
        command: str | None = None,
        control: bool = False,
    ) -> None:
        super().__init__(problem)
        self.code = code
        self.request_id = request_id
        self.command = command
        self.control = control


class BufferClosed(ReactorError):
    """The input buffer closed: the last client left. It opens again, empty, for the next one."""


class EncoderError(ReactorError):
    """Pictures cannot be encoded."""


class SessionError(ReactorError):
    """What was asked does not fit the session's state."""

    status = 409


class NotReady(SessionError):
    """No session can start now. `retry_after` is in seconds, `None` where waiting does not help."""

    status = 503

    def __init__(self, problem: str, *, retry_after: int | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class UnknownSession(SessionError):
    """No session runs, or not the one that was named."""

    def __init__(self, problem: str, *, status: int = 404) -> None:
        super().__init__(problem)
        self.status = status


class UploadError(ReactorError):
    """An upload is refused."""

    def __init__(self, problem: str, *, status: int) -> None:
        super().__init__(problem)
        self.status = status


class ClipError(ReactorError):
    """A part of a recording cannot be had. `code` is for clients that ask on a data channel: `nothing_recorded`,
    `recording_failed` or `no_recording`; empty where the clients know the words."""

    def __init__(self, problem: str, *, status: int, code: str = "") -> None:
        super().__init__(problem)
        self.status = status
        self.code = code


class SignallingError(ReactorError):
    """An offer, a candidate or a connection id is refused. `retry_after` is in seconds, `None` where waiting does not
    help."""

    def __init__(self, problem: str, *, status: int, retry_after: int | None = None) -> None:
        super().__init__(problem)
        self.status = status
        self.retry_after = retry_after


def error_name(error: BaseException) -> str:
    """What an exception's class is called: `ValueError`, `cv2.error`."""
    cls = type(error)
    return cls.__qualname__ if cls.__module__ in ("builtins", __name__) else f"{cls.__module__}.{cls.__qualname__}"
