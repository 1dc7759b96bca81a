"""Waits until the kernel stamps: it begins in the background once a socket asks, and ends with the last such socket."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Iterator

from loadgen.stamped import SO_TIMESTAMPNS


@contextlib.contextmanager
def stamping(limit_s: float = 5.0) -> Iterator[None]:
    """Keep the kernel stamping; begins when a stamp has been seen that is older than its reading."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as near:
        near.connect(listener.getsockname())
        near.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        far, _ = listener.accept()
        with far:
            end = time.monotonic() + limit_s
            while _age_s(near, far) < 0.001:
                assert time.monotonic() < end, "this kernel does not stamp"
            yield


def _age_s(near: socket.socket, far: socket.socket) -> float:
    far.send(b"x")
    time.sleep(0.002)  # the age to be seen
    _, ancillary, _, _ = near.recvmsg(1, socket.CMSG_SPACE(16))
    read_ns = time.time_ns()
    if not ancillary:
        return 0.0
    seconds, nanoseconds = struct.unpack_from("qq", ancillary[0][2])
    return float(read_ns - seconds * 1_000_000_000 - nanoseconds) / 1e9
