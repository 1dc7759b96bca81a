"""Which recordings there are and what each holds: quick to look at, whatever their number and size.

A look reads folders, the header of each file that is new, and a cache. What needs a whole recording (levels, peak,
duration) is a :class:`Summary`: it is made once, by :meth:`Catalogue.summarise`, and kept in the cache for as long as
the file has the same size and time of change.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from session.codec import NotARecording
from session.keeping import is_written
from session.paths import SUFFIX
from session.recording import Reader
from session.summary_cache import Known, SummaryCache
from session.view import Snapshot
from session.whole import from_checkpoint

YIELD_S = 0.002
"""Pause between two parts of a recording that is summed up: it is done beside a screen."""


class Summary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a whole recording tells in one line; ``None``: not known."""

    model: str | None = None
    gpu: str | None = None
    """Name of the first GPU."""
    gpus: int = 0
    tp: int | None = None
    levels: int = 0
    peak_tok_s: float | None = None
    """Output tokens a second of the best level."""
    duration_s: float = 0.0
    requests: int = 0
    ended: str | None = None
    """Why it ended; ``None``: it was cut off."""
    simulated: bool = False

    @staticmethod
    def of(snapshot: Snapshot) -> Summary:
        """Return the summary of a recording's last snapshot."""
        rates = [level.rates.output_tok_s for level in snapshot.levels]
        whole = [view.info for view in snapshot.gpus if view.info.parent is None]
        return Summary(
            model=snapshot.model,
            gpu=whole[0].name if whole else snapshot.header.gpu,
            gpus=len(whole),
            tp=(snapshot.setup.tp if snapshot.setup else None) or (1 if len(whole) == 1 else None),
            levels=len(snapshot.levels),
            peak_tok_s=max((rate for rate in rates if rate is not None), default=None),
            duration_s=snapshot.now_s,
            requests=snapshot.requests,
            ended=snapshot.ended,
            simulated=snapshot.simulated,
        )


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the list; texts are as the file has them, to be cleaned where they are shown."""

    path: Path
    size_bytes: int
    changed_s: float
    """Wall clock of its last change."""
    started_at: str | None = None
    target: str | None = None
    simulated: bool = False
    summary: Summary | None = None
    """``None``: not read yet, being written, or not to be read."""
    problem: str | None = None
    """Why it cannot be opened, one line."""
    writing: bool = False
    """A session is writing it now."""

    @property
    def state(self) -> str:
        """``live``, ``bad``, ``ended``, ``cut``, or ``…`` where nobody has read it to its end yet."""
        if self.writing:
            return "live"
        if self.problem is not None:
            return "bad"
        if self.summary is None:
            return "…"
        return "ended" if self.summary.ended is not None else "cut"


class Catalogue:
    """The recordings of some folders, and single files.

    ``entries`` may be called as often as wanted; ``summarise`` on another thread. The cache is kept by ``save``.
    """

    def __init__(self, places: Sequence[Path], cache: Path | None = None) -> None:
        self._places = tuple(places)
        self._cache: SummaryCache[Summary] = SummaryCache(cache, Summary)
        self.problems: list[str] = []
        """Places that could not be looked into, one line each."""

    def entries(self) -> list[Entry]:
        """Return every recording, the newest first."""
        self.problems = []
        found = {path: self._look(path) for place in self._places for path in self._files(place)}
        return sorted((entry for entry in found.values() if entry), key=lambda entry: entry.changed_s, reverse=True)

    def summarise(self, entry: Entry, stop: Callable[[], bool] = lambda: False) -> Entry:
        """Read a recording to its end, a part at a time; return the entry as it was where ``stop`` says so."""
        if entry.summary is not None or entry.problem is not None or entry.writing:
            return entry
        try:
            before = entry.path.stat()
            summary = _summed(entry.path, stop)
        except (OSError, NotARecording) as error:
            return msgspec.structs.replace(entry, problem=_reason(error))
        if summary is None:
            return entry
        header: Known[Summary] = Known(started_at=entry.started_at, target=entry.target, simulated=entry.simulated)
        self._cache.put(entry.path, before, msgspec.structs.replace(header, summary=summary))
        return msgspec.structs.replace(entry, summary=summary, simulated=entry.simulated or summary.simulated)

    def renamed(self, path: Path, new: Path) -> None:
        """Keep what is known of a recording that has another name now."""
        self._cache.move(path, new)

    def save(self) -> None:
        """Keep what was summed up; a cache that cannot be written is made anew next time."""
        self._cache.save()

    def _files(self, place: Path) -> Iterator[Path]:
        try:
            if not place.is_dir():
                place.lstat()
                yield place
                return
            with os.scandir(place) as found:
                yield from (Path(one.path) for one in found if one.name.endswith(SUFFIX))
        except OSError as error:
            self.problems.append(f"{place}: {error.strerror}")

    def _look(self, path: Path) -> Entry | None:
        try:
            found = path.stat()
        except OSError as error:
            return Entry(path=path, size_bytes=0, changed_s=0.0, problem=_reason(error))
        bare = Entry(path=path, size_bytes=found.st_size, changed_s=found.st_mtime)
        if not stat.S_ISREG(found.st_mode):
            return msgspec.structs.replace(bare, problem="it is no file")
        known = self._cache.get(path, found)
        if known is None:
            try:
                known = _header(path)
            except (OSError, NotARecording) as error:
                known = Known(problem=_reason(error))
            self._cache.put(path, found, known)
        return msgspec.structs.replace(
            bare,
            started_at=known.started_at,
            target=known.target,
            simulated=known.simulated or bool(known.summary and known.summary.simulated),
            summary=known.summary,
            problem=known.problem,
            writing=known.problem is None and is_written(path),
        )


def _header(path: Path) -> Known[Summary]:
    reader = Reader(path)
    try:
        header = reader.header
    finally:
        reader.close()
    return Known(started_at=header.started_at, target=header.target, simulated=header.simulated)


def _summed(path: Path, stop: Callable[[], bool]) -> Summary | None:
    """Sum up from the last checkpoint on, in slices, so that neither memory nor waiting grows with the file."""

    def between() -> bool:
        time.sleep(YIELD_S)
        return stop()

    state = from_checkpoint(path, between)
    return None if state is None or stop() else Summary.of(state.snapshot())


def _reason(error: OSError | NotARecording) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
