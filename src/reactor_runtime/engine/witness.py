"""Who is told what clients do, as the engine takes it."""

from __future__ import annotations

from ..media.frames import Picture
from ..media.sound import Sound
from ..wire.messages import ClientMessage
from .uploads import StoredFile


class Witness:
    """Is told of a session's clients, in the order things happen. This one takes no notice; derive from it.

    `saw` and `heard` come on any thread, the others on the server's loop. None may block or raise.
    """

    def began(self, session: str) -> None:
        """A session starts; `session` is its id."""

    def joined(self, client: int) -> None:
        """A client has come, by its id."""

    def said(self, client: int, message: ClientMessage) -> None:
        """A client said something, right or wrong."""

    def uploaded(self, upload_id: str, file: StoredFile) -> None:
        """The bytes of a file are there."""

    def saw(self, client: int, track: str, picture: Picture) -> None:
        """A client's picture goes to the model."""

    def heard(self, client: int, track: str, sound: Sound) -> None:
        """A client's sound goes to the model."""

    def left(self, client: int) -> None:
        """A client is gone."""

    def ended(self, reason: str) -> None:
        """The session is over."""
