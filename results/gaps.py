"""Gaps between tokens of one level, by stretches of its time: any part of it can be told apart, in bounded memory."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from session.gaps import MAX_BUCKET

MOST = 64
"""Stretches of a level; beyond, neighbours are joined."""
FIRST_S = 0.2
"""Ticks of several workers that belong together are not so far apart; those of one worker are further."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Gaps of the ticks whose middles lie from ``from_s`` to ``to_s``."""

    from_s: float
    to_s: float
    buckets: array[int]
    counts: array[float]

    def counter(self) -> Counter[int]:
        """Return gaps by bucket."""
        return Counter({bucket: int(count) for bucket, count in zip(self.buckets, self.counts, strict=True)})


@dataclass(slots=True)
class Gaps:
    """Gathers ticks in order of time; keeps :data:`MOST` stretches at most."""

    _done: list[Stretch] = field(default_factory=list)
    _now: Counter[int] = field(default_factory=Counter)
    _from_s: float = 0.0
    _to_s: float = 0.0
    _width_s: float = FIRST_S

    def add(self, middle_s: float, counts: Mapping[int, int]) -> None:
        """Add a tick's gaps by bucket; ``middle_s`` is the middle of the tick. Buckets that there are not are none."""
        if self._now and not 0 <= middle_s - self._from_s < self._width_s:
            self._end()
        if not self._now:
            self._from_s = self._to_s = middle_s
        self._to_s = max(self._to_s, middle_s)
        for bucket, count in counts.items():
            if 0 <= bucket <= MAX_BUCKET and count > 0:
                self._now[bucket] += count

    def since(self, begin_s: float) -> list[Stretch]:
        """Return the stretches that lie behind an instant as a whole, in order of time."""
        every = [*self._done, _packed(self._from_s, self._to_s, self._now)] if self._now else self._done
        return [one for one in every if one.from_s >= begin_s]

    def _end(self) -> None:
        self._done.append(_packed(self._from_s, self._to_s, self._now))
        self._now = Counter()
        if len(self._done) >= MOST:
            self._done = [_joined(*self._done[at : at + 2]) for at in range(0, MOST, 2)]
            self._width_s = max(2 * self._width_s, max(one.to_s - one.from_s for one in self._done))


def total(stretches: list[Stretch]) -> Counter[int]:
    """Return the gaps of several stretches by bucket."""
    found: Counter[int] = Counter()
    for one in stretches:
        found.update(one.counter())
    return found


def _packed(from_s: float, to_s: float, counts: Counter[int]) -> Stretch:
    ordered = sorted(counts.items())
    return Stretch(from_s, to_s, array("H", [bucket for bucket, _ in ordered]), array("d", [n for _, n in ordered]))


def _joined(one: Stretch, other: Stretch) -> Stretch:
    return _packed(one.from_s, other.to_s, total([one, other]))
