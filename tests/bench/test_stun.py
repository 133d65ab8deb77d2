"""The STUN server of the bench answers as RFC 8489 says."""

import os
import socket
import struct

from bench.stun import COOKIE, stun_server


def test_who_asks_is_told_its_own_address() -> None:
    with stun_server() as url, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(5)
        asking.bind(("127.0.0.1", 0))
        transaction = os.urandom(12)
        asking.sendto(struct.pack("!HHI", 1, 0, COOKIE) + transaction, ("127.0.0.1", int(url.rpartition(":")[2])))
        answer = asking.recv(2048)
        own_port = asking.getsockname()[1]
    kind, length, cookie = struct.unpack("!HHI", answer[:8])
    assert (kind, cookie, answer[8:20], length) == (0x0101, COOKIE, transaction, len(answer) - 20)
    attribute, size, family, port, address = struct.unpack("!HHHHI", answer[20:])
    assert (attribute, size, family) == (0x0020, 8, 1)
    assert port ^ (COOKIE >> 16) == own_port
    assert socket.inet_ntoa(struct.pack("!I", address ^ COOKIE)) == "127.0.0.1"
