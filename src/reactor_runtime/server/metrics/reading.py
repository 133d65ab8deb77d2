"""Reads everything there is to measure, at one moment. On the server's loop; takes a fraction of a millisecond."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping

from ... import __version__
from ...engine.lag import Lag
from ...engine.measures import Reading
from ...engine.runtime import Runtime
from ...engine.state import State
from ...transport.webrtc import Peers
from ..health import condition
from .totals import Totals, spread

Value = float | Reading
Samples = dict[str, dict[tuple[str, ...], Value]]
"""Values by the name of their metric and by their labels' values."""

_OUTCOMES = ("shown", "unseen", "dropped", "flushed", "stale")
_LEFT_OUT = {
    "frames.overtaken_at_encoder": "overtaken_at_encoder",
    "frames.left_out_for_bandwidth": "bandwidth",
    "frames.late_for_bandwidth": "late_for_bandwidth",
    "frames.held_too_long": "held_too_long",
}
_INPUT = ("frames", "evicted", "refused", "sound_ahead")
_CODES = 32
"""So many codes of the answers to commands are told apart."""
_OWN = {
    "sessions.started",
    "clients.joined",
    "run.ended",
    "commands.received",
    "model.starved_commands",
    "video.keyframes",
    *(f"frames.{outcome}" for outcome in _OUTCOMES),
    *(f"input.{outcome}" for outcome in _INPUT),
    *_LEFT_OUT,
}
"""Counts that have a metric of their own."""
_REFUSED = "commands.refused."
_OWN_PREFIXES = ("http.", _REFUSED)


def read(runtime: Runtime, peers: Peers, totals: Totals, lag: Lag, listeners: int) -> Samples:
    """All values there are."""
    counts = runtime.counters.snapshot()
    return {
        **_process(runtime, peers, counts, listeners),
        **_frames(runtime, counts),
        **_commands(runtime, counts),
        **_waiting(runtime, lag, counts),
        **_network(peers, totals, counts),
        "reactor_http_answers_total": {
            (name.removeprefix("http."),): count for name, count in counts.items() if name.startswith("http.")
        },
        "reactor_events_total": {
            (name,): count for name, count in counts.items() if name not in _OWN and not name.startswith(_OWN_PREFIXES)
        },
    }


def _process(runtime: Runtime, peers: Peers, counts: Mapping[str, int], listeners: int) -> Samples:
    found = condition(runtime)
    return {
        "reactor_info": {(runtime.name, __version__): 1},
        "reactor_live": {(): found.live},
        "reactor_ready": {(): found.ready},
        "reactor_state": {(str(state),): state is runtime.state for state in State},
        "reactor_sessions_total": {(): counts.get("sessions.started", 0)},
        "reactor_clients": {(): len(runtime.session.clients) if runtime.session else 0},
        "reactor_clients_joined_total": {(): counts.get("clients.joined", 0)},
        "reactor_connections": {(): peers.count},
        "reactor_event_listeners": {(): listeners},
        "reactor_run_failures_total": {(): counts.get("run.ended", 0)},
    }


def _frames(runtime: Runtime, counts: Mapping[str, int]) -> Samples:
    frames = runtime.measures.frames
    return {
        "reactor_frames_total": {(outcome,): counts.get(f"frames.{outcome}", 0) for outcome in _OUTCOMES},
        "reactor_frames_left_out_total": {(reason,): counts.get(name, 0) for name, reason in _LEFT_OUT.items()},
        "reactor_frame_age_seconds": {(): frames.age.read()},
        "reactor_frame_stage_seconds": {
            ("step",): frames.step.read(),
            ("conversion",): frames.conversion.read(),
            ("waiting",): frames.waiting.read(),
        },
        "reactor_deadline_misses_total": {(): frames.missed},
        "reactor_played_seconds_total": {(): frames.played},
        "reactor_stalled_seconds_total": {(): frames.stalled},
        "reactor_continuous_play_ratio": {(): frames.continuous},
        "reactor_frame_rate": {(): runtime.stage.fps},
        "reactor_input_frames_total": {
            ("taken" if outcome == "frames" else outcome,): counts.get(f"input.{outcome}", 0) for outcome in _INPUT
        },
    }


def _commands(runtime: Runtime, counts: Mapping[str, int]) -> Samples:
    commands = runtime.measures.commands
    refused = [(name.removeprefix(_REFUSED), count) for name, count in counts.items() if name.startswith(_REFUSED)]
    refused.sort(key=lambda told: -told[1])
    answers: dict[tuple[str, ...], Value] = {("ok",): commands.ok, **{(code,): n for code, n in refused[:_CODES]}}
    if len(refused) > _CODES:
        answers["other",] = sum(count for _, count in refused[_CODES:])
    return {
        "reactor_commands_total": {(): counts.get("commands.received", 0)},
        "reactor_command_answers_total": answers,
        "reactor_command_seconds": {(): commands.whole.read()},
        "reactor_command_stage_seconds": {
            ("validation",): commands.validation.read(),
            ("queue",): commands.queue.read(),
            ("handler",): commands.handler.read(),
            ("answer",): commands.answer.read(),
        },
    }


def _waiting(runtime: Runtime, lag: Lag, counts: Mapping[str, int]) -> Samples:
    queues = runtime.stage.queues
    return {
        "reactor_queue_depth": {(queue,): depth for queue, (depth, _) in queues.items()},
        "reactor_queue_limit": {(queue,): limit for queue, (_, limit) in queues.items() if limit is not None},
        "reactor_input_waiting": {(track,): buffer.available for track, buffer in runtime.stage.inputs.items()},
        "reactor_oldest_command_seconds": {(): runtime.stage.waited},
        "reactor_loop_lag_seconds": {("server",): lag.server.read(), ("model",): lag.model.read()},
        "reactor_model_loop_blocked_seconds": {(): lag.model_waits},
        "reactor_tasks": {("server",): len(asyncio.all_tasks()), ("model",): runtime.stage.tasks},
        "reactor_python_blocks": {(): sys.getallocatedblocks()},
        "reactor_starved_total": {(): counts.get("model.starved_commands", 0)},
    }


def _network(peers: Peers, totals: Totals, counts: Mapping[str, int]) -> Samples:
    def sent(name: str) -> dict[tuple[str, ...], Value]:
        return {(track,): value for (what, track), value in totals.sent.items() if what == name}

    def received(name: str) -> dict[tuple[str, ...], Value]:
        return {(track,): value for (what, track), value in totals.received.items() if what == name}

    rtts = spread([one.rtt for one in totals.now if one.rtt is not None])
    available = spread([one.available for one in totals.now if one.available is not None])
    return {
        "reactor_encode_seconds": {(track,): times.read() for track, times in peers.encoding.items()},
        "reactor_encoded_alone_frames_total": sent("frames"),
        "reactor_encoded_alone_seconds_total": sent("encode_seconds"),
        "reactor_keyframes_total": {(): counts.get("video.keyframes", 0)},
        "reactor_senders": dict(totals.senders().items()),
        "reactor_sent_bytes_total": sent("bytes"),
        "reactor_sent_packets_total": sent("packets"),
        "reactor_lost_packets_total": sent("lost"),
        "reactor_repeated_packets_total": sent("repeated"),
        "reactor_keyframes_asked_total": sent("keyframes_asked"),
        "reactor_target_bits_per_second": {
            (track, statistic): value
            for track, targets in totals.targets().items()
            for statistic, value in spread(targets).items()
        },
        "reactor_received_bytes_total": received("bytes"),
        "reactor_received_packets_total": received("packets"),
        "reactor_received_lost_packets_total": received("lost"),
        "reactor_jitter_seconds": {(track,): value for track, value in totals.jitter().items()},
        "reactor_rtt_seconds": {(statistic,): value for statistic, value in rtts.items()},
        "reactor_available_bits_per_second": {(statistic,): value for statistic, value in available.items()},
    }
