"""Whether a recording is still being written."""

from __future__ import annotations

from pathlib import Path

from session.keeping import is_written
from session.parts_of import next_part


def is_running(path: Path, part: int = 1) -> bool:
    """Return whether a session writes the recording at ``path``, which is its part ``part``, or a later part.

    A lock that cannot be seen from here (another machine's, over a network file system) is none.
    """
    while path.is_file():
        if is_written(path):
            return True
        following = next_part(path, part)
        if following == path:
            return False
        path, part = following, part + 1
    return False
