"""Whether a server runs on this machine, so that its GPUs are the ones that NVML shows here."""

from __future__ import annotations

import socket
import threading

from telemetry.web import Failed, host_of, is_loopback

LOOKUP_S = 1.0
"""Longest wait for a name; one that takes longer is taken for another machine's."""


def is_local(url: str) -> bool:
    """Say whether the URL's host is this machine: a loopback name or an address of one of its interfaces.

    Sends nothing but the name look-up of ``getaddrinfo``, and waits for that one second at the most. A
    tunnel's local end is local too: what is behind it cannot be seen.
    """
    try:
        host = host_of(url)
    except Failed:
        return False
    return is_loopback(host) or any(_is_own(family, address) for family, address in _addresses(host))


def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    found: list[tuple[socket.AddressFamily, str]] = []

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            return
        found.extend((family, str(address[0])) for family, _, _, _, address in answers)

    thread = threading.Thread(target=look_up, name="host-lookup", daemon=True)
    thread.start()
    thread.join(LOOKUP_S)
    return list(found)


def _is_own(family: socket.AddressFamily, address: str) -> bool:
    """Try to bind: only an address of a local interface can be bound, and binding UDP sends nothing."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True
