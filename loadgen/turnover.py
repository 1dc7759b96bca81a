"""Starts requests a few a turn of the event loop: between them tokens are read.

Requests that were sent together end together. To make and send a thousand at a stretch takes a tenth of a second, in
which the first tokens of some would wait beside their second ones, and a socket keeps only the newest's stamp.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

AT_ONCE = 4
"""About as much of a turn as reading the sockets takes."""
AT_ONCE_TLS = 2
"""Less is left of a turn where what is read must be deciphered."""


class Turn:
    """A call that waits."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Let it not be called."""
        self.call = None


class Turnover:
    """Calls in order, soon, and never many at once."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.at_once = at_once
        self._turns: deque[Turn] = deque()
        self._awake = False

    def soon(self, call: Callable[[], None]) -> Turn:
        """Call in one of the next turns of the running loop."""
        turn = Turn(call)
        self._turns.append(turn)
        if not self._awake:
            self._awake = True
            asyncio.get_running_loop().call_soon(self._run)
        return turn

    def _run(self) -> None:
        try:
            for _ in range(min(self.at_once, len(self._turns))):
                call = self._turns.popleft().call
                if call is not None:
                    call()
        finally:  # a call that fails must not keep the others waiting
            self._awake = bool(self._turns)
            if self._awake:
                asyncio.get_running_loop().call_soon(self._run)

    async def turn(self) -> None:
        """Wait for a turn."""
        come = asyncio.get_running_loop().create_future()

        def let() -> None:
            if not come.done():  # who waited may have given up
                come.set_result(None)

        self.soon(let)
        await come
