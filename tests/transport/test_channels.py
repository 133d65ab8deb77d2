"""Which channel a packet goes on, and what happens to one that cannot leave."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, cast

import pytest
import reactor_webrtc as rw

from reactor_runtime.complaints import INTERVAL, Complaints
from reactor_runtime.counters import Counters
from reactor_runtime.limits import Limits
from reactor_runtime.transport.webrtc.data.channels import Channels
from reactor_runtime.wire.packet import Packet


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time


class Channel:
    """What the media engine has for a channel."""

    def __init__(self, opened: bool = True) -> None:
        self.now = rw.DataChannelState.Open if opened else rw.DataChannelState.Connecting
        self.sent: list[tuple[bytes, bool]] = []
        self.waiting = 0
        self.asked = 0
        self.closed = False
        self.closes = False
        """Whether it is found closed while something is sent."""

    def state(self) -> rw.DataChannelState:
        return self.now

    def buffered_amount(self) -> int:
        self.asked += 1
        return self.waiting

    def send(self, data: bytes, binary: bool = True) -> None:
        if data == b"broken":
            self.now = rw.DataChannelState.Closed if self.closes else self.now
            raise RuntimeError("the channel broke")
        self.sent.append((data, binary))

    def close(self, drain_timeout: float = 5.0) -> None:
        self.closed = True


DATA = Packet(control=False, data=b"data", binary=False)
CONTROL = Packet(control=True, data=b"control", binary=True)


class Setting:
    def __init__(self, *, shared: bool = False, **limits: Any) -> None:
        self.clock = Clock()
        self.counters = Counters()
        self.channels = Channels(
            shared=shared,
            clock=self.clock,
            limits=replace(Limits(), **limits),
            counters=self.counters,
            complaints=Complaints(logging.getLogger("reactor.webrtc"), self.clock.now, "peer"),
        )

    def open(self, label: str, opened: bool = True) -> Channel:
        channel = Channel(opened)
        self.channels.add(cast(rw.DataChannel, channel), label)
        return channel


def test_control_packets_wait_for_their_channel() -> None:
    setting = Setting(held_messages=2)
    data = setting.open("data")
    for number in range(3):
        setting.channels.send(replace(CONTROL, data=b"%d" % number))
    setting.channels.send(DATA)
    assert data.sent == [(b"data", False)]
    control = setting.open("control", opened=False)
    setting.channels.release()
    assert control.sent == []
    control.now = rw.DataChannelState.Open
    setting.channels.release()
    assert control.sent == [(b"1", True), (b"2", True)]
    assert setting.counters["transport.messages_dropped"] == 1


def test_without_a_control_channel_all_goes_on_data() -> None:
    setting = Setting(shared=True)
    data = setting.open("data")
    setting.channels.send(CONTROL)
    assert data.sent == [(b"control", True)]


def test_json_needs_no_control_channel() -> None:
    setting = Setting()
    data = setting.open("data")
    letter = replace(CONTROL, binary=False)
    setting.channels.send(letter)
    assert data.sent == [(b"control", False)]
    control = setting.open("control")
    setting.channels.send(letter)
    assert control.sent == [(b"control", False)]


def test_what_the_client_cannot_take_never_reaches_the_engine() -> None:
    setting = Setting()
    data = setting.open("data")
    setting.channels.message_limit = 10
    setting.channels.send(replace(DATA, data=b"x" * 11))
    setting.channels.send(replace(DATA, data=b"x" * 10))
    assert data.sent == [(b"x" * 10, False)]
    assert setting.counters["transport.messages_dropped"] == 1


def test_drops_do_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    setting = Setting()
    with caplog.at_level(logging.WARNING):
        for _ in range(100):
            setting.channels.send(DATA)
        assert len(caplog.records) == 1
        setting.clock.time += INTERVAL
        setting.channels.send(DATA)
    first, second = (record.getMessage() for record in caplog.records)
    assert first == "peer: a message was dropped: the data channel is not open"
    assert second == f"{first} (99 more such lines were left out)"
    assert setting.counters["transport.messages_dropped"] == 101


def test_the_first_channel_of_a_kind_counts_and_too_many_are_closed() -> None:
    setting = Setting()
    first, second, third, fourth, fifth = (setting.open("data") for _ in range(5))
    setting.channels.send(DATA)
    assert first.sent
    assert [second.sent, third.sent, fourth.sent] == [[], [], []]
    assert fifth.closed
    assert setting.counters["transport.channels_refused"] == 1


@pytest.mark.limit("send_buffer_bytes", counted="transport.messages_dropped")
def test_a_client_that_stays_full_is_too_slow() -> None:
    setting = Setting(send_buffer_bytes=1000)
    data = setting.open("data")
    data.waiting = 1000
    setting.channels.send(DATA)
    assert not setting.channels.too_slow
    setting.clock.time += 4.0
    data.waiting = 0
    setting.channels.send(DATA)  # it recovers
    data.waiting = 1000
    setting.channels.send(DATA)
    setting.clock.time += 4.0
    assert not setting.channels.too_slow
    setting.clock.time += 2.0
    assert setting.channels.too_slow
    assert len(data.sent) == 1
    assert setting.counters["transport.messages_dropped"] == 2


def test_of_what_a_client_that_has_left_does_not_get_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    setting = Setting()
    data = setting.open("data")
    with caplog.at_level(logging.WARNING):
        data.now = rw.DataChannelState.Closed
        setting.channels.send(DATA)
        data.now, data.closes = rw.DataChannelState.Open, True
        setting.channels.send(replace(DATA, data=b"broken"))
        assert not caplog.records and not data.sent
        assert setting.counters["transport.messages_dropped"] == 2
        data.now, data.closes = rw.DataChannelState.Open, False
        setting.channels.send(replace(DATA, data=b"broken"))
    assert [record.getMessage() for record in caplog.records] == ["peer: a message was dropped: the channel broke"]


def test_what_the_engine_refuses_is_dropped_and_counted() -> None:
    setting = Setting()
    setting.channels.send(DATA)
    data = setting.open("data")
    setting.channels.send(replace(DATA, data=b"broken"))
    setting.channels.send(DATA)
    assert len(data.sent) == 1
    assert setting.counters["transport.messages_dropped"] == 2


def test_how_full_a_channel_is_is_asked_once_for_many_small_messages() -> None:
    setting = Setting(send_buffer_bytes=256_000)
    data = setting.open("data")
    for _ in range(200):
        setting.channels.send(DATA)
    assert len(data.sent) == 200 and data.asked == 1
    setting.channels.send(replace(DATA, data=b"x" * 1000))
    assert data.asked == 2
