"""How fast one connection may say something: a token bucket, of which each message takes one."""

from __future__ import annotations

from ....clock import Clock
from ....counters import Counters
from ....errors import WireError
from ....limits import Limits
from ....wire.messages import ClientMessage, Command, PublishTrack, Refusal

_TELLING = 1.0
"""Of messages that expect no answer of their own, one in so many seconds is told that they come too fast."""


class Allowance:
    """What one connection may still send. On one loop.

    Args:
        clock: the time.
        limits: `message_rate` and `message_burst`.
        counters: counts `messages.rate_limited`.
    """

    def __init__(self, clock: Clock, limits: Limits, counters: Counters) -> None:
        self._clock = clock
        self._rate = limits.message_rate
        self._burst = limits.message_burst
        self._counters = counters
        self._left = float(self._burst)
        self._at = clock.now()
        self._told = float("-inf")

    def take(self) -> bool:
        """Whether one more message is within it. One that is not takes nothing."""
        now = self._clock.now()
        left = self._left + (now - self._at) * self._rate
        self._at = now
        self._left = left if left < self._burst else self._burst
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def refusal(self, message: ClientMessage | WireError, control: bool) -> Refusal | None:
        """The answer to a message that came too fast; None where it expects none, and the client knows already."""
        self._counters.add("messages.rate_limited")
        subject, request_id = _subject(message), getattr(message, "request_id", None)
        if request_id is None and not self._tell():
            return None
        about = f"{subject}: " if subject else ""
        text = (
            f"{about}more than {self._rate} messages a second on this connection; it was not carried out, send slower"
        )
        return Refusal(subject, "rate_limited", text, request_id, control)

    def overflow(self, dropped: int) -> Refusal | None:
        """What is said of messages that came so fast that they were never read; None where the client knows already."""
        text = f"{dropped} messages came faster than the server reads, and were dropped; send slower"
        return Refusal("", "rate_limited", text, None) if self._tell() else None

    def _tell(self) -> bool:
        now = self._clock.now()
        if now - self._told < _TELLING:
            return False
        self._told = now
        return True


def _subject(message: ClientMessage | WireError) -> str:
    """What a refusal of `message` is about."""
    match message:
        case Command():
            return message.name
        case PublishTrack():
            return "publish_track"
        case WireError():
            return message.command or ""
        case _:
            return ""
