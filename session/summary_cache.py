"""A small file of what was read from recordings, by path, size and time of change."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

S = TypeVar("S")
MOST = 5000
"""Recordings that are kept in mind; the ones looked at last."""
MAX_BYTES = 16 << 20
_VERSION = 1
"""Another version begins anew: a cache is worth nothing but time."""


class Known(msgspec.Struct, Generic[S], frozen=True, kw_only=True, omit_defaults=True):
    """What was read from one recording."""

    size_bytes: int = 0
    changed_ns: int = 0
    started_at: str | None = None
    target: str | None = None
    simulated: bool = False
    problem: str | None = None
    summary: S | None = None


class SummaryCache(Generic[S]):
    """Holds :class:`Known` by path. Safe to use from several threads; ``None`` for a path keeps nothing on disk."""

    def __init__(self, path: Path | None, kind: type[S]) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._dirty = False
        self._known: dict[str, Known[S]] = {}
        self._decoder = msgspec.json.Decoder(tuple[int, dict[str, Known[kind]]])  # type: ignore[valid-type]
        self._read()

    def get(self, path: Path, found: os.stat_result) -> Known[S] | None:
        """Return what is known of a file that has not changed since."""
        with self._lock:
            known = self._known.pop(str(path), None)
            if known is None or (known.size_bytes, known.changed_ns) != (found.st_size, found.st_mtime_ns):
                return None
            self._known[str(path)] = known  # looked at last
            return known

    def put(self, path: Path, found: os.stat_result, known: Known[S]) -> None:
        """Keep what is known of a file as it was at ``found``."""
        stamped = msgspec.structs.replace(known, size_bytes=found.st_size, changed_ns=found.st_mtime_ns)
        with self._lock:
            self._known.pop(str(path), None)
            self._known[str(path)] = stamped
            while len(self._known) > MOST:
                del self._known[next(iter(self._known))]
            self._dirty = True

    def move(self, path: Path, new: Path) -> None:
        """Let what is known of a file stay known under its new name."""
        with self._lock:
            known = self._known.pop(str(path), None)
            if known is not None:
                self._known[str(new)] = known
                self._dirty = True

    def save(self) -> None:
        """Write the file, with mode 0600, whole or not at all."""
        with self._lock:
            if self._path is None or not self._dirty:
                return
            data = msgspec.json.encode((_VERSION, self._known))
            self._dirty = False
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as file:
                file.write(data)
            Path(file.name).replace(self._path)

    def _read(self) -> None:
        if self._path is None:
            return
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            with self._path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            if len(data) <= MAX_BYTES:
                version, known = self._decoder.decode(data)
                self._known = known if version == _VERSION else {}
