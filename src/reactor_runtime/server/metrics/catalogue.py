"""Every metric there is: its kind, its labels, and what it is. Labels take values from short, fixed lists only: tracks,
outcomes, codes, states, codecs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        kind: of a counter, the name ends in `_total`.
        help: one sentence.
        labels: their names.
    """

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


CATALOGUE: dict[str, Metric] = {
    # the process and its model
    "reactor_info": Metric("gauge", "1; its labels say what runs.", ("model", "version")),
    "reactor_live": Metric("gauge", "1 while the process need not be started anew."),
    "reactor_ready": Metric("gauge", "1 while clients can come."),
    "reactor_state": Metric("gauge", "1 for the state that the runtime is in, 0 for the others.", ("state",)),
    # sessions and clients
    "reactor_sessions_total": Metric("counter", "Sessions that were started."),
    "reactor_clients": Metric("gauge", "Clients in the session that runs."),
    "reactor_clients_joined_total": Metric("counter", "Clients that came into a session."),
    "reactor_connections": Metric("gauge", "Connections, live and half-open."),
    "reactor_event_listeners": Metric("gauge", "Who listens to /events."),
    "reactor_run_failures_total": Metric("counter", "How often run() has ended, which it should not."),
    # frames
    "reactor_frames_total": Metric(
        "counter",
        "Frames by what became of them: shown; unseen, as nobody was there; dropped, as a newer one came with "
        "drop=True; flushed by the model; stale, made for a client or session that is gone.",
        ("outcome",),
    ),
    "reactor_frames_left_out_total": Metric(
        "counter",
        "Pictures that did not reach every viewer at once, by the reason: the encoder or the network was too slow.",
        ("reason",),
    ),
    "reactor_frame_age_seconds": Metric(
        "histogram", "From the beginning of the step that made a frame until it left for the clients."
    ),
    "reactor_frame_stage_seconds": Metric(
        "histogram",
        "The way of a frame by stage: step, until emit(); conversion, until it is ready; waiting, for its time.",
        ("stage",),
    ),
    "reactor_deadline_misses_total": Metric(
        "counter",
        "Frames that left over a quarter of a period after their slot, though their step had begun in time.",
    ),
    "reactor_played_seconds_total": Metric("counter", "Seconds that were played to clients."),
    "reactor_stalled_seconds_total": Metric(
        "counter", "Seconds of those played in which a picture stood still beyond its time."
    ),
    "reactor_continuous_play_ratio": Metric(
        "gauge", "The share of what was played in the running session in which no picture stood still; 0 to 1."
    ),
    "reactor_frame_rate": Metric("gauge", "The rate that the model's frames are paced at, in frames a second."),
    "reactor_input_frames_total": Metric(
        "counter", "Frames and stretches of sound that came from clients, by what became of them.", ("outcome",)
    ),
    # commands
    "reactor_commands_total": Metric("counter", "Commands that came."),
    "reactor_command_answers_total": Metric(
        "counter",
        "Answers to commands by code: ok, or that of a refusal; 'other' for all beyond 32 codes.",
        ("code",),
    ),
    "reactor_command_seconds": Metric("histogram", "From the arrival of a command until its answer was on its way."),
    "reactor_command_stage_seconds": Metric(
        "histogram",
        "The way of a command by stage: validation, until it is queued; queue, until its handler begins; handler; "
        "answer, from the end of the handler until the answer is on its way.",
        ("stage",),
    ),
    # queues and loops
    "reactor_queue_depth": Metric(
        "gauge", "What waits: frames for their time, commands for the model, its messages to leave.", ("queue",)
    ),
    "reactor_queue_limit": Metric("gauge", "How many may wait.", ("queue",)),
    "reactor_input_waiting": Metric("gauge", "Frames of clients that the model has not read yet.", ("track",)),
    "reactor_oldest_command_seconds": Metric(
        "gauge", "For how long the oldest of what waits for the model's loop, or runs there, has been there."
    ),
    "reactor_loop_lag_seconds": Metric(
        "histogram", "How late a loop is, looked at once a second while /metrics is being asked.", ("loop",)
    ),
    "reactor_model_loop_blocked_seconds": Metric("gauge", "For how long the model's loop has not come round."),
    "reactor_tasks": Metric("gauge", "Tasks of asyncio that have not ended.", ("loop",)),
    "reactor_python_blocks": Metric("gauge", "Blocks of memory that Python holds for its objects."),
    "reactor_starved_total": Metric(
        "counter", "How often commands waited too long for the model's loop; the log has the stack that held it."
    ),
    # what goes over the network
    "reactor_encode_seconds": Metric(
        "histogram", "How long it takes to encode a picture for all viewers that share it.", ("track",)
    ),
    "reactor_encoded_alone_frames_total": Metric(
        "counter", "Pictures that the media engine encoded for one viewer alone.", ("track",)
    ),
    "reactor_encoded_alone_seconds_total": Metric("counter", "How long these took.", ("track",)),
    "reactor_keyframes_total": Metric("counter", "Key frames that were encoded for all."),
    "reactor_senders": Metric("gauge", "Connections that a track is sent to, by codec.", ("track", "codec")),
    "reactor_sent_bytes_total": Metric("counter", "Bytes of media sent.", ("track",)),
    "reactor_sent_packets_total": Metric("counter", "Packets of media sent.", ("track",)),
    "reactor_lost_packets_total": Metric("counter", "Packets sent that were lost, as the clients say.", ("track",)),
    "reactor_repeated_packets_total": Metric("counter", "Packets that clients asked for again.", ("track",)),
    "reactor_keyframes_asked_total": Metric("counter", "Key frames that clients asked for.", ("track",)),
    "reactor_target_bits_per_second": Metric(
        "gauge",
        "What the encoder of a track is to make: the least, the median and the most of all viewers.",
        ("track", "statistic"),
    ),
    "reactor_received_bytes_total": Metric("counter", "Bytes of media received.", ("track",)),
    "reactor_received_packets_total": Metric("counter", "Packets of media received.", ("track",)),
    "reactor_received_lost_packets_total": Metric("counter", "Packets of clients that were lost.", ("track",)),
    "reactor_jitter_seconds": Metric("gauge", "The jitter of what is received: the most of all clients.", ("track",)),
    "reactor_rtt_seconds": Metric("gauge", "The round trip to the clients: least, median, most.", ("statistic",)),
    "reactor_available_bits_per_second": Metric(
        "gauge",
        "What the way to the clients carries, as estimated: least, median, most.",
        ("statistic",),
    ),
    # everything else that is counted
    "reactor_http_answers_total": Metric("counter", "Answers to HTTP requests by status.", ("code",)),
    "reactor_events_total": Metric(
        "counter",
        "All that is counted by name and has no metric of its own: refusals, drops and faults.",
        ("name",),
    ),
}
"""By name. Counters have their whole name here."""
