"""Every bound of the system, in one place."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    # What a client may send.
    message_bytes: int = 256 * KIB
    """One message on a data channel, as the plain SCTP limit has it."""
    message_depth: int = 32
    """How deep a message may nest."""
    message_rate: int = 10_000
    """Messages a second, in the long run, of one connection; above it they are refused as `rate_limited`."""
    message_burst: int = 20_000
    """How many may come at once before that."""
    upload_bytes: int = 100 * MIB
    """One uploaded file."""
    session_upload_bytes: int = 1 * GIB
    """All files of a session together."""
    session_uploads: int = 1024
    """How many files a session may hold."""
    upload_memory_bytes: int = 1 * MIB
    """A file above this lies on disk."""
    upload_wait: float = 8.0
    """How long a command waits for the bytes of its files; below the clients' own 10 s."""
    upload_declared: float = 300.0
    """How long a file that was declared may stay unwritten."""
    upload_idle: float = 30.0
    """How long the body of an upload may stand still."""
    upload_pace: int = 1024
    """Bytes a second that it brings on average, at the least, once `upload_idle` has passed."""
    body_bytes: int = 1 * MIB
    """An HTTP body that is not an upload."""
    token_seconds: float = 86_400.0
    """How long a token that `POST /tokens` makes may be valid."""

    # Queues.
    commands: int = 256
    """Commands waiting for the model, all clients together; above it `busy`."""
    commands_each: int = 224
    """Of these, so many of one client; above it `busy`."""
    commands_ahead: int = 32
    """A client with more than so many of them lets those of the others go first."""
    client_commands: int = 64
    """Commands of one client waiting behind one that waits for an upload; above it `busy`."""
    outbox: int = 1024
    """Messages of the model waiting to leave its thread."""
    held_messages: int = 256
    """Messages held for a connection whose codec is not known yet."""
    send_buffer_bytes: int = 8 * MIB
    """What may wait in a connection's data channels; above it the client counts as too slow."""
    early_messages: int = 64
    """Messages a peer may send before its connection counts as open."""
    inbox_messages: int = 1024
    """Messages of one peer on their way from the media engine's thread to the server's loop."""
    inbox_bytes: int = 8 * MIB
    """What these may take together."""
    input_frames: int = 128
    """Frames an input buffer holds; the oldest goes first."""
    input_bytes: int = 256 * MIB
    """Bytes an input buffer holds."""
    tap_frames: int = 64
    """Frames waiting to be recorded; above it the recording goes without."""
    tap_bytes: int = 128 * MIB
    """What these may take together."""
    trace_bytes: int = 128 * MIB
    """What pictures and sound may wait to be written by `--trace`; above it they are left out of the trace."""
    trace_events: int = 10_000
    """How many other events may wait to be written there."""
    journal_events: int = 4096
    """What has happened that `/events` still tells; the oldest goes first."""
    timeline_frames: int = 128
    """Of how many frames it is known when they were begun, ready and sent."""
    metadata_bytes: int = 4 * KIB
    """The metadata of one frame, which is sent with every frame, before the picture."""

    # Connections.
    http_connections: int = 512
    """TCP connections to the HTTP server; above it the one that has gone longest without a request is closed."""
    request_wait: float = 20.0
    """How long one may take to send the head of a request, or take nothing of an answer; one that sends nothing after
    an answer has 5 s."""
    event_listeners: int = 16
    """How many may listen to `/events` at once."""
    connections: int = 64
    """Live and half-open connections together. One of eight is not for those who may only watch."""
    early_connections: int = 128
    """Connection ids that may have sent candidates before an offer."""
    early_candidates: int = 256
    """Candidates kept for each of them."""
    connect_timeout: float = 30.0
    """How long an offer may take to become a connection."""
    answer_expiry: float = 7.0
    """How long an answer on the shared routes may take, from its offer until it is collected."""
    shared_answer_ready_expiry: float = 1.5
    """How long one that is ready waits to be collected: its client polls, or is gone and would take the next one's."""
    silence: float = 20.0
    """A connection that says nothing for so long is gone."""
    turn_credentials: float = 86_400.0
    """How long credentials for a TURN server, made from its secret, are good for."""

    # Waiting.
    answer_timeout: float = 9.0
    """How long a command's handler may take before the caller is told `timeout`."""
    orphan_timeout: float = 30.0
    """How long a session lives with nobody in it."""
    close_grace: float = 5.0
    """How long the end of a session waits for the model's hooks."""
    stop_grace: float = 6.0
    """How long a stop by SIGTERM may take, all in all; see `--grace`."""
    tap_close: float = 5.0
    """How long the end of the process waits for what is recorded to be written."""
    health_wait: float = 20.0
    """How long `GET /health?wait=loading` waits; no proxy has given it up by then."""
    events_keep_alive: float = 15.0
    """After so much silence `/events` says that it is still there; proxies close what says nothing."""
    events_send: float = 10.0
    """How long a listener to `/events` may take none of it."""
    encoder_probe: float = 20.0
    """How long it may take to find out what hardware encodes; pictures are encoded in software meanwhile."""
    scrape_wait: float = 1.0
    """How long `/metrics` waits for what the media engine knows of connections; it is asked once a second at most."""
    figures_interval: float = 0.25
    """How often a client that watches the figures gets them."""
    settle: float = 0.2
    """How long queued commands may hold up one step of `run()`."""
    edge_wait: float = 60.0
    """How long a new client waits for `run()` to notice that the last one left."""
    send_wait: float = 5.0
    """How long a model's `send()` waits for room in the outbox."""
    starvation: float = 1.0
    """How long commands may wait for the model's loop before the log says which line holds it."""
    crashes: int = 3
    """So many failures of `run()` within `crash_window` end the process."""
    crash_window: float = 60.0
    """For how long a failure of `run()` counts."""
