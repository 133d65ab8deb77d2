"""Every route of the HTTP API: a new one is one more entry here."""

from __future__ import annotations

from ..access.routes import TokenBody
from ..session import StartBody, StopBody
from ..signalling import CandidatesBody, OfferBody
from ..uploads import UploadBody
from .operation import Answer, Operation, Query
from .schemas import TEXT, ref

SECONDS = {"type": "number"}
RETRY = {"Retry-After": "in so many seconds"}

_SESSION = "session"
_PROBES = "health"
_SIGNALLING = "signalling"
_FILES = "uploads"
_CLIPS = "clips"
_PAGE = "page"

_OF_A_SESSION = {
    400: "no session runs",
    404: "another session runs, or there is no such thing in it",
    503: "the server is ending",
}
_BASE = "/sessions/{session_id}/transport/webrtc"
_OWN = _BASE + "/connections/{connection_id}"

OPERATIONS: list[Operation] = [
    Operation(
        "POST",
        "/start_session",
        "Begin a session, or be told the one that runs.",
        _SESSION,
        {200: Answer("the session", ref("Descriptor"))},
        {400: "another kind of session is asked for", 503: "the model is loading, or the server is ending"},
        body=StartBody,
        may_be_empty=True,
    ),
    Operation(
        "POST",
        "/stop_session",
        "End the session; every client is told why.",
        _SESSION,
        {200: Answer("it has ended")},
        {409: "no session runs", 503: "the server is ending"},
        body=StopBody,
        may_be_empty=True,
    ),
    Operation("GET", "/session", "The session.", _SESSION, {200: Answer("the session", ref("Descriptor"))}),
    Operation(
        "GET",
        "/schema",
        "The model as an OpenAPI document: commands, messages, tracks. Empty until it has loaded.",
        _SESSION,
        {200: Answer("the document", {"type": "object"})},
    ),
    Operation(
        "GET",
        "/openapi.json",
        "This document.",
        _SESSION,
        {200: Answer("the document", {"type": "object"})},
    ),
    Operation(
        "POST",
        "/tokens",
        "Make a token for somebody else. Asks for the server's own.",
        _SESSION,
        {201: Answer("the token", ref("Token"))},
        {409: "this server asks for no token"},
        body=TokenBody,
        may_be_empty=True,
    ),
    Operation(
        "GET",
        "/health",
        "How the server is.",
        _PROBES,
        {200: Answer("it serves, or will", ref("Health")), 503: Answer("it does not", ref("Health"))},
        {422: "wait is something else"},
        query=(Query("wait", {"const": "loading"}, "Answer when it no longer loads, or after 20 s."),),
    ),
    Operation(
        "GET",
        "/health/live",
        "Whether it need not be started anew.",
        _PROBES,
        {200: Answer("it lives", ref("Live")), 503: Answer("it does not", ref("Live"))},
    ),
    Operation(
        "GET",
        "/health/ready",
        "Whether clients can come.",
        _PROBES,
        {200: Answer("they can", ref("Ready")), 503: Answer("they cannot", ref("Ready"))},
    ),
    Operation("GET", "/metrics", "What Prometheus reads.", _PROBES, {200: Answer("measures", media="text/plain")}),
    Operation(
        "GET",
        "/events",
        "What happens, as server-sent events: from the beginning, or after a number, and on.",
        _PROBES,
        {200: Answer("events, without an end", media="text/event-stream")},
        {422: "since is no number", 503: "too many listen already"},
        query=(Query("since", {"type": "integer", "minimum": 0}, "Begin after this one; so does Last-Event-ID."),),
    ),
    Operation(
        "GET",
        _BASE + "/ice_servers",
        "STUN and TURN servers to use.",
        _SIGNALLING,
        {200: Answer("the servers", ref("IceServers"))},
        _OF_A_SESSION,
    ),
    Operation(
        "POST",
        _BASE + "/connections",
        "A connection id. The body is not looked at.",
        _SIGNALLING,
        {201: Answer("the id, and the model's tracks", ref("Registered"))},
        {
            **_OF_A_SESSION,
            408: "the body stood still",
            413: "the body is too large",
            503: "there are too many connections, or the server is ending",
        },
    ),
    *(
        Operation(
            method,
            base + "/sdp_params",
            "Offer a connection; where one lives under this id it is replaced.",
            _SIGNALLING,
            {202: Answer("the answer will be there to be asked for", ref("Taken"))},
            {**_OF_A_SESSION, 503: "there are too many connections, or the server is ending"},
            body=OfferBody,
        )
        for base in (_OWN, _BASE)
        for method in ("POST", "PUT")
    ),
    *(
        Operation(
            "GET",
            base + "/sdp_params",
            "The answer to the last offer, once.",
            _SIGNALLING,
            {200: Answer("the answer", ref("SdpAnswer")), 202: Answer("it is not there yet")},
            {**_OF_A_SESSION, 422: "the id is none, or the offer could not be answered"},
        )
        for base in (_OWN, _BASE)
    ),
    *(
        Operation(
            "POST",
            base + "/ice_candidates",
            "Addresses at which the client may be reached.",
            _SIGNALLING,
            {202: Answer("they are tried", ref("Nothing"))},
            _OF_A_SESSION,
            body=CandidatesBody,
        )
        for base in (_OWN, _BASE)
    ),
    Operation(
        "POST",
        "/sessions/{session_id}/uploads",
        "Declare a file to come.",
        _FILES,
        {201: Answer("where to put its bytes", ref("Declared"))},
        {**_OF_A_SESSION, 409: "the id is taken"},
        body=UploadBody,
    ),
    Operation(
        "PUT",
        "/uploads/{upload_id}",
        "The bytes of a declared file.",
        _FILES,
        {200: Answer("they are all there")},
        {
            400: "the length is not the declared one, or is none",
            404: "there is no such file in a session that runs",
            408: "the body stood still",
            409: "it is written already",
            503: "the server is ending",
        },
        upload=True,
    ),
    Operation(
        "GET",
        "/clips",
        "A playlist (HLS) of a part of a recording.",
        _CLIPS,
        {
            200: Answer("the playlist", media="application/vnd.apple.mpegurl"),
            202: Answer("it is not all recorded yet", headers=RETRY),
        },
        {400: "there can be no such part", 410: "it is not there, or no more", 422: "a parameter is missing or wrong"},
        query=(
            Query("session_id", TEXT, "The recording, as clipReady names it.", required=True),
            Query("start", SECONDS, "From this second of the recording.", required=True),
            Query("end", SECONDS, "To this one.", required=True),
        ),
    ),
    Operation(
        "GET",
        "/clips/chunks/{recording_id}/{name}",
        "A part of a recording that a playlist names.",
        _CLIPS,
        {200: Answer("its bytes", media="video/*")},
        {404: "there is no such file", 410: "it is no more", 422: "from is no number"},
        query=(Query("from", SECONDS, "The second that is to be 0 in it."),),
    ),
    *(
        Operation(
            "GET",
            path,
            what,
            _PAGE,
            {200: Answer("the file", media=media), 304: Answer("it has not changed")},
            {404: "there is no such file"} if "{" in path else {},
        )
        for path, what, media in (
            ("/client.js", "The browser client.", "text/javascript"),
            ("/studio/{path}", "What the page needs.", "*/*"),
        )
    ),
    Operation("GET", "/", "The studio: a page that shows the model.", _PAGE, {200: Answer("it", media="text/html")}),
]
