"""Renaming, deleting and choosing recordings to delete; never one that is being written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from session.codec import NotARecording
from session.opening import being_written
from session.paths import SUFFIX

if TYPE_CHECKING:
    from session.catalogue import Entry

LIVE_S = 60.0
"""A recording that changed less long ago and has no end may be written by somebody whose lock cannot be seen."""
_LONGEST = 200


class Refused(Exception):
    """It is not done; the text says why, in one line for the user."""


def is_written(path: Path) -> bool:
    """Return whether a session holds its lock on a recording (``session.recording.Writer`` takes it)."""
    try:
        return being_written(path)
    except (OSError, NotARecording):
        return False


def rename(path: Path, name: str) -> Path:
    """Give a recording another name in its folder, never that of another file; raise :class:`Refused`."""
    name = name.strip().removesuffix(SUFFIX)
    if not name or name.startswith((".", "-")) or "/" in name or not name.isprintable() or len(name) > _LONGEST:
        raise Refused("a name has no '/', begins with neither '.' nor '-', and has 200 characters at most")
    new = path.with_name(name + SUFFIX)
    if new == path:
        return path
    if is_written(path):
        raise Refused(f"{path.name} is being written")
    try:
        if os.path.lexists(new):
            raise Refused(f"{new.name} is there already")
        path.rename(new)
    except (OSError, UnicodeEncodeError) as error:
        raise Refused(f"cannot rename {path.name}: {getattr(error, 'strerror', None) or error}") from None
    return new


def delete(path: Path) -> None:
    """Delete a recording; raise :class:`Refused`."""
    if is_written(path):
        raise Refused(f"{path.name} is being written")
    try:
        path.unlink()
    except OSError as error:
        raise Refused(f"cannot delete {path.name}: {error.strerror}") from None


def to_prune(
    entries: Sequence[Entry],
    now_s: float,
    *,
    keep: int | None = None,
    older_s: float | None = None,
    larger_bytes: int | None = None,
    total_bytes: int | None = None,
) -> list[Entry]:
    """Return what to delete, oldest first: all that one of the bounds names.

    ``keep``: all but the newest so many. ``older_s``: last changed longer ago. ``larger_bytes``: larger files.
    ``total_bytes``: the oldest, until the rest takes no more. Never what is being written, nor what may be, nor files
    that are not readable recordings of this or an older version: they may be somebody else's.
    """
    newest_first = sorted(entries, key=lambda entry: entry.changed_s, reverse=True)
    ours = [entry for entry in newest_first if entry.problem is None]
    chosen: list[Entry] = []
    total = 0
    for place, entry in enumerate(ours):
        total += entry.size_bytes
        named = (
            (keep is not None and place >= keep)
            or (older_s is not None and now_s - entry.changed_s > older_s)
            or (larger_bytes is not None and entry.size_bytes > larger_bytes)
            or (total_bytes is not None and total > total_bytes)
        )
        if named and not may_be_written(entry, now_s):
            chosen.append(entry)
            total -= entry.size_bytes
    return chosen[::-1]


def may_be_written(entry: Entry, now_s: float) -> bool:
    """Return whether a session writes a recording, or might: it changed just now and its end was not seen."""
    ended = entry.summary is not None and entry.summary.ended is not None
    return entry.writing or (now_s - entry.changed_s < LIVE_S and not ended)
