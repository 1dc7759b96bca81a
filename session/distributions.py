"""The distributions of the newest level that was timed, taken once a second: histograms need no more."""

from __future__ import annotations

from session.book import Book
from session.level_figures import shapes_of
from session.view import Shapes


class Distributions:
    """Remembers what it told until the second, the number of levels or the end of the session changes."""

    def __init__(self) -> None:
        self._told: tuple[int, int, bool] | None = None
        self._shapes: Shapes | None = None

    def of(self, book: Book, now_s: float, *, ended: bool) -> Shapes | None:
        """Return what histograms are drawn from; ``None`` before anything was timed."""
        key = int(now_s), len(book.levels), ended
        if key != self._told or self._shapes is None:
            self._told = key
            self._shapes = _newest(book)
        return self._shapes


def _newest(book: Book) -> Shapes | None:
    concluded = book.shapes.level if book.shapes is not None else 0
    timed = next((level for level in reversed(book.levels) if level.timed), None)
    return shapes_of(timed) if timed is not None and timed.number > concluded else book.shapes
