"""A STUN server on loopback. The official runtime asks a public one where none is named, and waits for its answer:
with this one nothing outside the machine is contacted, and the wait is as short as it can be."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BINDING_REQUEST, BINDING_SUCCESS, XOR_MAPPED_ADDRESS, COOKIE = 0x0001, 0x0101, 0x0020, 0x2112A442


@contextmanager
def stun_server() -> Iterator[str]:
    """Its URL, for the length of the block."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(0.2)
        ended = threading.Event()
        thread = threading.Thread(target=_answer, args=(door, ended), name="stun", daemon=True)
        thread.start()
        try:
            yield f"stun:127.0.0.1:{door.getsockname()[1]}"
        finally:
            ended.set()
            thread.join(2)


def _answer(door: socket.socket, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            asked, sender = door.recvfrom(2048)
        except TimeoutError:
            continue
        if len(asked) < 20 or struct.unpack("!H", asked[:2])[0] != BINDING_REQUEST:
            continue
        address = struct.unpack("!I", socket.inet_aton(sender[0]))[0] ^ COOKIE
        mapped = struct.pack("!HHBBHI", XOR_MAPPED_ADDRESS, 8, 0, 1, sender[1] ^ (COOKIE >> 16), address)
        door.sendto(struct.pack("!HHI", BINDING_SUCCESS, len(mapped), COOKIE) + asked[8:20] + mapped, sender)
