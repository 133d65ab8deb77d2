"""The JSON that the HTTP API answers with, by the name it has in the document."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
WHY: Schema = {"type": ["string", "null"]}
CONNECTION: Schema = {"type": "integer", "minimum": 1001, "maximum": 9999}
_KIND: Schema = {"enum": ["video", "audio"]}
_DIRECTION: Schema = {"enum": ["recvonly", "sendonly"], "description": "The client's."}


def record(**properties: Schema) -> Schema:
    """An object that has all of `properties`."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def several(item: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": item}


def ref(name: str) -> Schema:
    """What stands under `name` here."""
    return {"$ref": f"#/components/schemas/{name}"}


_PROBLEM = record(
    type=TEXT, loc=several({"type": ["string", "integer"]}), msg=TEXT, input={"description": "What was given."}
)
_TRANSPORT = record(protocol=TEXT, version=TEXT)

SCHEMAS: dict[str, Schema] = {
    "Detail": record(detail=TEXT),
    "Problems": record(detail={"anyOf": [TEXT, several(_PROBLEM)]}),
    "Descriptor": record(
        session_id={"type": "string", "format": "uuid", "description": "All zeros while no session runs."},
        state={"enum": ["loading", "ready", "waiting", "streaming", "orphaned", "closing", "terminated"]},
        cluster=TEXT,
        model=record(name=TEXT),
        server_info=record(server_version=TEXT),
        selected_transport=_TRANSPORT,
        transports=several(_TRANSPORT),
        generation={"const": "streamed"},
        capabilities=record(
            protocol_version=TEXT,
            commands=several({}),
            tracks=several(record(name=TEXT, kind=_KIND, direction=_DIRECTION)),
        ),
    ),
    "Health": record(
        status={"enum": ["healthy", "unhealthy"]},
        state={"enum": ["loading", "available", "serving", "terminated"]},
        detail=WHY,
        live=FLAG,
        ready=FLAG,
        why=WHY,
    ),
    "Live": record(live=FLAG, why=WHY),
    "Ready": record(ready=FLAG, why=WHY),
    "IceServers": record(
        ice_servers=several(
            {
                **record(uris=several(TEXT)),
                "properties": {"uris": several(TEXT), "credentials": record(username=TEXT, password=TEXT)},
            }
        )
    ),
    "Registered": record(
        connection_id=CONNECTION,
        track_map={
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"kind": _KIND, "direction": {"enum": ["in", "out"]}, "rate": {"type": "integer"}},
                "required": ["kind", "direction"],
            },
        },
    ),
    "Taken": record(connection_id=CONNECTION),
    "SdpAnswer": record(sdp_answer=TEXT, connection_id=CONNECTION),
    "Declared": record(presigned_id=TEXT, presigned_url={"type": "string", "format": "uri"}, path={"type": "string"}),
    "Token": record(token=TEXT, role={"enum": ["control", "view"]}, expires_at={"type": "number"}, url=TEXT),
    "Nothing": {"type": "object", "maxProperties": 0},
}
