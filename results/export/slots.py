"""Which slot a request ran in: the recording does not say, so each takes the first that is free when it begins."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar


class Spanned(Protocol):
    """Something with a beginning and an end, in seconds."""

    @property
    def begin_s(self) -> float:
        """When it began."""
        ...

    @property
    def end_s(self) -> float:
        """When it ended."""
        ...


T = TypeVar("T", bound=Spanned)


def assign(items: Iterable[T]) -> Iterator[tuple[int, T]]:
    """Give each its slot, from 0; no two overlap in one. They are to come in order of their beginnings."""
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    used = 0
    for item in items:
        while busy and busy[0][0] <= item.begin_s:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if free:
            slot = heapq.heappop(free)
        else:
            slot, used = used, used + 1
        heapq.heappush(busy, (item.end_s, slot))
        yield slot, item
