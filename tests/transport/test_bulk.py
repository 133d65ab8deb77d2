"""Messages of one turn of the loop leave together, in their order whatever the channel reports meanwhile."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import cast

import pytest
import reactor_webrtc as rw

from reactor_runtime.transport.webrtc.data.bulk import Bulk


class Channel:
    """What the media engine has for a channel, where all is on one thread.

    Attributes:
        sent: each message, and whether it was sent from inside a report.
        full: what is sent stays in the buffer.
        before_send: called once, before the next message is taken.
        broken: the message that is refused.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, bool]] = []
        self.full = False
        self.before_send: Callable[[], None] = lambda: None
        self.broken = b""
        self.asked = 0
        self._waiting = 0
        self._reporting = False
        self._again = False
        self._low: Callable[[], None] = lambda: None

    def on_buffered_amount_low(self, callback: Callable[[], None]) -> None:
        self._low = callback

    def buffered_amount(self) -> int:
        self.asked += 1
        return self._waiting

    def send(self, data: bytes, binary: bool = True) -> None:
        before, self.before_send = self.before_send, lambda: None
        before()
        if data == self.broken:
            raise RuntimeError("the channel broke")
        self.sent.append((data, self._reporting))
        if self.full:
            self._waiting += len(data)
        else:
            self.report()

    def report(self) -> None:
        """The buffer is empty: say so, or once the report under way has ended."""
        self._waiting = 0
        self._again = self._reporting
        while not self._reporting:
            self._reporting, self._again = True, False
            self._low()
            self._reporting = False
            if not self._again:
                return

    @property
    def order(self) -> list[bytes]:
        return [data for data, _ in self.sent]

    @property
    def followed(self) -> int:
        return sum(reported for _, reported in self.sent)


def made(channel: Channel) -> tuple[Bulk, list[RuntimeError]]:
    refused: list[RuntimeError] = []
    return Bulk(cast(rw.DataChannel, channel), refused.append), refused


NUMBERS = [b"%d" % number for number in range(10)]


@pytest.mark.asyncio
async def test_the_first_message_of_a_turn_leaves_from_the_loop_and_the_others_follow_it() -> None:
    channel = Channel()
    bulk, _ = made(channel)
    for number in NUMBERS:
        bulk.put(number, True)
    assert channel.sent == [] and bulk.size == 10
    await asyncio.sleep(0)
    assert channel.order == NUMBERS and channel.followed == 9 and channel.asked == 1
    assert bulk.size == 0


@pytest.mark.asyncio
async def test_a_single_message_asks_nothing() -> None:
    channel = Channel()
    bulk, _ = made(channel)
    bulk.put(b"one", True)
    await asyncio.sleep(0)
    assert channel.order == [b"one"] and channel.asked == 0


@pytest.mark.asyncio
async def test_the_report_of_an_earlier_message_lets_none_overtake_the_one_that_is_being_sent() -> None:
    channel = Channel()
    bulk, _ = made(channel)
    channel.full = True
    bulk.put(b"earlier", True)
    await asyncio.sleep(0)
    for number in NUMBERS:
        bulk.put(number, True)
    channel.before_send = channel.report
    await asyncio.sleep(0)
    assert channel.order == [b"earlier", *NUMBERS] and channel.followed == 0
    assert channel.asked == 1  # a channel that was not empty is not asked again in this turn


@pytest.mark.asyncio
async def test_a_message_that_stays_in_the_buffer_is_followed_from_the_loop() -> None:
    channel = Channel()
    bulk, _ = made(channel)
    channel.full = True
    for number in NUMBERS:
        bulk.put(number, True)
    await asyncio.sleep(0)
    assert channel.order == NUMBERS and channel.followed == 0
    channel.report()
    assert channel.order == NUMBERS


@pytest.mark.asyncio
@pytest.mark.parametrize("broken", [NUMBERS[0], NUMBERS[4], NUMBERS[9]])
async def test_a_message_that_is_refused_is_told_once_and_the_others_leave(broken: bytes) -> None:
    channel = Channel()
    channel.broken = broken
    bulk, refused = made(channel)
    for number in NUMBERS:
        bulk.put(number, True)
    await asyncio.sleep(0)
    assert [str(error) for error in refused] == ["the channel broke"]
    assert channel.order == [number for number in NUMBERS if number != broken]


@pytest.mark.asyncio
async def test_what_was_dropped_does_not_leave() -> None:
    channel = Channel()
    bulk, _ = made(channel)
    bulk.put(b"one", True)
    bulk.drop()
    await asyncio.sleep(0)
    assert channel.sent == []


@pytest.mark.parametrize("arguments", [["--chunking"], []])
def test_order_and_content_stay_between_two_ends_of_the_media_engine(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.transport.two_ends", *arguments], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    sent, received, in_order, chunked, thread_states = run.stdout.split()
    assert (received, in_order, chunked) == (sent, "True", str(bool(arguments)))
    assert thread_states == "1"
