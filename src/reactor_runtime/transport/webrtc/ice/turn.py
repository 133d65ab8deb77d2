"""Credentials for a TURN server that shares a secret with this one: made here, good for a while, known nowhere before.

coturn has it as `use-auth-secret`: the username is the time it expires at and a label, the password an HMAC of it
(draft-uberti-behave-turn-rest). Nothing has to be told to the TURN server.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace

from .settings import IceServer


def fresh(server: IceServer, label: str, now: float, lifetime: float) -> IceServer:
    """`server`, with credentials made from its secret; one that has no secret as it is.

    Args:
        label: whose they are, as the TURN server's log and quotas have it.
        now: the time of day, in seconds since 1970.
        lifetime: how long they are good for, in seconds. A relayed connection outlives them.
    """
    if not server.secret:
        return server
    username = f"{int(now + lifetime)}:{label}"
    digest = hmac.digest(server.secret.encode(), username.encode(), hashlib.sha1)
    return replace(server, username=username, credential=base64.b64encode(digest).decode(), secret="")
