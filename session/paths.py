"""Where recordings live."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from datetime import datetime
from pathlib import Path

import platformdirs

SUFFIX = ".rooftop"


class NoPlace(Exception):
    """No folder can hold the recording; the text is one line for the user."""


def recordings_folder() -> Path:
    """Return the user's folder of recordings, which may not exist yet."""
    return platformdirs.user_state_path("rooftop") / "recordings"


def new_recording(target_url: str, now: datetime) -> tuple[Path, str | None]:
    """Return a free path for a new recording, and a warning where it is not in the usual folder.

    Raises :class:`NoPlace`.
    """
    name = f"{now:%Y-%m-%d_%H%M%S}_{_slug(target_url)}"
    usual = recordings_folder()
    try:
        return _free(_writable(usual), name), None
    except OSError as error:
        why = error.strerror or str(error)
    other = Path(tempfile.gettempdir()) / f"rooftop-{os.getuid()}"
    try:
        path = _free(_writable(other), name)
    except OSError as error:
        raise NoPlace(
            f"cannot write a recording to {usual} ({why}) nor to {other} ({error.strerror}); say where with -o FILE"
        ) from None
    return path, f"cannot write to {usual} ({why}): recording to {path}"


def _writable(folder: Path) -> Path:
    """Make a folder that is ours alone; raise ``OSError`` where nothing can be created in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(13, "it belongs to another user")
    with tempfile.NamedTemporaryFile(dir=folder):
        pass
    return folder


def _free(folder: Path, name: str) -> Path:
    path, count = folder / f"{name}{SUFFIX}", 1
    while path.exists():
        count += 1
        path = folder / f"{name}-{count}{SUFFIX}"
    return path


def _slug(url: str) -> str:
    host = url.split("://", 1)[-1]
    return re.sub(r"[^A-Za-z0-9.]+", "-", host).strip("-")[:60] or "server"
