"""The API server in front of the scheduler: one event loop, through which requests go one after another."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from sim import calibration as fit

Item = TypeVar("Item")


class FrontEnd(Generic[Item]):
    """A queue that is told the time. What comes out has the front end's work behind it, not its plain delay.

    An arrival is parsed before those that wait get on, since an event loop turns to sockets first: of a burst,
    the first request leaves only when all have been read.
    """

    def __init__(self) -> None:
        self._queue: deque[Item] = deque()
        self._leaves = 0.0

    def add(self, item: Item, now: float) -> None:
        """A request arrived at ``now``, seconds."""
        self._leaves = (self._leaves if self._queue else now + fit.FRONT_END_SERIAL_S) + fit.FRONT_END_PARSE_S
        self._queue.append(item)

    def leaves_at(self) -> float | None:
        """When the next request gets out, seconds; ``None`` where none is in."""
        return self._leaves if self._queue else None

    def pop(self) -> Item:
        """Take out the request that :meth:`leaves_at` spoke of. Raises IndexError where none is in."""
        self._leaves += fit.FRONT_END_SERIAL_S
        return self._queue.popleft()

    def discard(self, item: Item) -> bool:
        """Forget a request whose client is gone; ``False`` where it is not in."""
        if item not in self._queue:
            return False
        self._queue.remove(item)
        return True


def delay_s(prompt_tokens: int) -> float:
    """Time between socket and scheduler that keeps nobody else waiting."""
    return fit.FRONT_END_S + fit.FRONT_END_PER_TOKEN_S * prompt_tokens
