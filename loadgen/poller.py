"""Many sockets behind one file descriptor of the event loop, read together where there are very many.

The kernel has stamped what waits in a socket, so reading a little later costs no accuracy; and to be woken once for
fifty sockets costs less than to be woken fifty times.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable

CROWD = 128
"""From so many sockets on they are read together."""
PAUSE_S = 0.001
"""Between two readings of a crowd. A server that steps with a crowd of requests takes longer for a step."""
AT_ONCE = 256
"""Sockets read in one turn of the loop, about two milliseconds: timers and new requests get theirs."""


class Poller:
    """Calls back for each socket that can be read, on the running loop: an epoll in the loop's epoll (epoll(7))."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._poll = self._epoll.poll
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._watched = False
        self._paused: asyncio.Handle | None = None

    def add(self, fd: int, callback: Callable[[], None]) -> None:
        """Call ``callback`` whenever ``fd`` has data, an end or an error."""
        self._callbacks[fd] = callback
        self._epoll.register(fd, select.EPOLLIN)
        if self._paused is None:
            self._watch()

    def remove(self, fd: int) -> None:
        """Call back no more for ``fd``, which is still open."""
        if self._callbacks.pop(fd, None) is not None:
            self._epoll.unregister(fd)
        if not self._callbacks:
            self._unwatch()

    def _watch(self) -> None:
        if not self._watched:
            self._watched = True
            asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._readable)

    def _unwatch(self) -> None:
        if self._watched:
            self._watched = False
            asyncio.get_running_loop().remove_reader(self._epoll.fileno())

    def _readable(self) -> None:
        self._read()
        if len(self._callbacks) >= CROWD:
            self._unwatch()
            self._paused = asyncio.get_running_loop().call_later(PAUSE_S, self._resume)

    def _resume(self) -> None:
        count = AT_ONCE  # a callback that fails must not leave the others waiting for ever
        try:
            count = self._read()
        finally:
            self._go_on(count)

    def _go_on(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        if count == AT_ONCE:
            self._paused = loop.call_soon(self._resume)
        elif count and len(self._callbacks) >= CROWD:
            self._paused = loop.call_later(PAUSE_S, self._resume)
        else:
            self._paused = None
            if self._callbacks:
                self._watch()

    def _read(self) -> int:
        events = self._poll(0, AT_ONCE)
        callback_of = self._callbacks.get
        for fd, _ in events:
            callback = callback_of(fd)
            if callback is not None:  # one callback may have closed another's socket
                callback()
        return len(events)
