"""What is measured beside the official runtime: on which picture, by what, and the bar that each figure has to meet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from .impairment import Fault
from .measures.bandwidth import bandwidth
from .measures.batch import FPS, FRAMES, STEP_SECONDS, batch, just_in_time_ms
from .measures.commands import at_rate, throughput
from .measures.connects import connects
from .measures.emit import EMITS, emit
from .measures.faults import from_the_start, while_it_streams
from .measures.rest import rest
from .measures.stream import stream
from .measures.viewers import viewers
from .servers import Case, Server

UNREACHABLE_STUN = "stun:203.0.113.1:3478"
"""An address that is kept for documentation: nothing answers there."""


@dataclass(frozen=True)
class Bar:
    """What a figure of ours has to be: at most (or at least) `value`, as it is or as a multiple of another side's."""

    figure: str
    text: str
    """What the figure is, in the table."""
    value: float
    against: Literal["official", "official_tuned"] | None = "official"
    at_least: bool = False

    @property
    def words(self) -> str:
        sign, unit = "≥" if self.at_least else "≤", "×" if self.against else ""
        return f"{sign} {self.value:g}{unit}" + (", like for like" if self.against == "official_tuned" else "")

    def met(self, measured: float) -> bool:
        """Whether it is by the ratio or figure `measured`; not by one that is not a number."""
        return measured >= self.value if self.at_least else measured <= self.value


@dataclass(frozen=True)
class Item:
    """One case, measured once a run on each side."""

    name: str
    text: str
    case: Case
    measure: Callable[..., Awaitable[dict[str, float]]]
    """Is given the server; nothing where `alone`."""
    bars: tuple[Bar, ...]
    tuned: bool = False
    """Also against the official runtime like for like."""
    alone: bool = False
    """Of our engine, in the bench's own process: no server is started."""


async def few_connects(server: Server) -> dict[str, float]:
    return await connects(server, 2)


def _visible(step_ms: int, ratio: float) -> tuple[Bar, ...]:
    # Half a period for the command to be noticed, a step to make the picture, and 35 ms until it is decoded.
    own = max(step_ms, 1000 / 30) / 2 + step_ms + 35
    figure, text = "command_to_visible_ms", "command → visible frame, ms"
    return Bar(figure, text, ratio), Bar(figure, text, round(own, 1), None)


def _made(ratio: float) -> Bar:
    return Bar("generate_to_decoded_ms", "generate → decoded, ms", ratio)


_CPU = "server_cpu_ms_per_frame", "server CPU, ms a frame"
_FRAME_CPU = Bar(*_CPU, 0.5), Bar(*_CPU, 0.8, "official_tuned")
_VIEWERS = (
    Bar("cpu_percent_each", "each further viewer (1 to 8), % of a core", 2, None),
    Bar("threads_each", "threads for each further viewer", 1),
    Bar("python_threads_each", "threads of Python for each further viewer", 0, None),
)
_NARROWED = (
    Bar("longest_gap_ms", "5 → 0.5 Mbit/s: longest gap between frames, ms", 0.5),
    Bar("smooth_after_seconds", "5 → 0.5 Mbit/s: until smooth, s", 3, None),
    # A stream that is far below the link's rate before is smooth until the queue is full.
    Bar("halts_narrow_end", "5 → 0.5 Mbit/s: halts above 100 ms, 10 to 15 s after", 0, None),
    Bar("latency_after_excess_ms", "0.5 → 5 Mbit/s: generate → decoded above 1.2 × before + 5 ms, ms", 0, None),
)
_FAULTS = (
    Bar("smooth_after_seconds", "once the network is well: until smooth, s", 2, None),
    Bar("latency_after_excess_ms", "then: generate → decoded above 1.2 × before + 5 ms, ms", 0, None),
    Bar("fps_after", "then: frames a second", 29, None, at_least=True),
)
_FAULTY = Case(natural=True, step_ms=5)
_FIRST = "connect_to_first_frame_ms", "connect → first frame, ms"

PLAN = (
    Item(
        "stream-360-5",
        "640×360, step 5 ms",
        Case(step_ms=5),
        stream,
        (*_visible(5, 0.15), _made(0.08), *_FRAME_CPU),
        tuned=True,
    ),
    Item("stream-360-25", "640×360, step 25 ms", Case(step_ms=25), stream, _visible(25, 0.2)),
    Item("stream-360-50", "640×360, step 50 ms", Case(step_ms=50), stream, _visible(50, 1.0)),
    Item(
        "stream-720-5",
        "1280×720, step 5 ms",
        Case(1280, 720, step_ms=5),
        stream,
        (_made(0.15), *_FRAME_CPU),
        tuned=True,
    ),
    Item(
        "stream-360-natural",
        "640×360 with texture, step 5 ms",
        Case(natural=True, step_ms=5),
        stream,
        _FRAME_CPU,
        tuned=True,
    ),
    Item(
        "stream-720-natural",
        "1280×720 with texture, step 5 ms",
        Case(1280, 720, natural=True, step_ms=5),
        stream,
        (_made(0.15), *_FRAME_CPU),
        tuned=True,
    ),
    Item("stream-1080-5", "1920×1080, step 5 ms", Case(1920, 1080, step_ms=5), stream, _FRAME_CPU, tuned=True),
    Item(
        "batch",
        f"640×360, {FRAMES} frames a step of {STEP_SECONDS:g} s, {FPS} fps",
        Case(step_ms=STEP_SECONDS * 1000, fps=FPS, batch=FRAMES),
        batch,
        (
            Bar("command_to_visible_ms", "command → visible frame, ms", round(just_in_time_ms() + 60), None),
            Bar("frame_gap_p99_ms", "frame interval, p99, ms", 60, None),
        ),
    ),
    Item("viewers", "320×180", Case(320, 180), viewers, _VIEWERS),
    Item("viewers-natural", "320×180 with texture", Case(320, 180, natural=True), viewers, _VIEWERS),
    Item(
        "emit",
        f"1280×720, uint8, {EMITS} pictures",
        Case(),
        emit,
        (Bar("emit_thread_ms", "`emit()`, the model thread's own time, p50, ms", 0.3, None),),
        alone=True,
    ),
    Item("bandwidth-360", "640×360 with texture", Case(natural=True, step_ms=5), bandwidth, _NARROWED),
    Item("bandwidth-720", "1280×720 with texture", Case(1280, 720, natural=True, step_ms=5), bandwidth, _NARROWED),
    Item("loss-5", "5 % of packets lost for 15 s", _FAULTY, while_it_streams(Fault(loss=0.05)), _FAULTS),
    Item("loss-20", "20 % of packets lost for 15 s", _FAULTY, while_it_streams(Fault(loss=0.2)), _FAULTS),
    Item("outage", "nothing passes for 5 s", _FAULTY, while_it_streams(Fault(out=True), 5.0), _FAULTS),
    Item("rtt-300", "a round trip of 300 ms, from the start", _FAULTY, from_the_start(Fault(delay=0.3)), _FAULTS),
    Item("mtu-1280", "an MTU of 1280, from the start", _FAULTY, from_the_start(Fault(mtu=1280)), _FAULTS),
    Item("connect", "640×360", Case(), connects, (Bar(*_FIRST, 0.75),)),
    Item(
        "connect-dead-stun",
        "a STUN server that does not answer",
        Case(stun=UNREACHABLE_STUN),
        few_connects,
        (Bar(*_FIRST, 1000, None),),
    ),
    Item(
        "commands",
        "640×360, as many as are answered",
        Case(),
        throughput,
        (
            Bar("commands_per_second", "commands per second", 3, at_least=True),
            # One client cannot ask for more than it can send; this says how many there could be.
            Bar("server_us_per_command", "server CPU, µs a command", 0.33),
        ),
    ),
    Item(
        "commands-1000",
        "640×360, step 5 ms, 1,000 commands a second",
        Case(step_ms=5),
        at_rate,
        (Bar("answer_at_rate_p99_ms", "command → its answer, p99, ms", 20, None),),
    ),
    Item(
        "rest",
        "a model that emits nothing",
        Case(idle=True),
        rest,
        (
            Bar("start_to_ready_ms", "process start → ready, ms", 0.7),
            Bar("start_to_ready_cpu_ms", "process start → ready, ms of CPU", 0.7),
            Bar("import_interface_ms", "`import reactor_runtime.interface`, ms", 300, None),
            Bar("rss_ready_mib", "memory (RSS) when ready, MiB", 1),
            Bar("rss_connected_mib", "memory (RSS) with a client, MiB", 1),
            Bar("idle_cpu_percent", "CPU with a client, % of a core", 1, None),
        ),
    ),
)
