"""Baselines: recordings kept by name, for later runs to be held against."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

import platformdirs

from rooftop.errors import Failure, Usage
from session.paths import SUFFIX


def baselines_folder() -> Path:
    """Return where baselines lie, which may not exist yet."""
    return platformdirs.user_state_path("rooftop") / "baselines"


def find_baseline(name: str) -> Path:
    """Return the recording of a baseline; raise :class:`Failure` with the names that there are."""
    path = _path(name)
    if path.exists():
        return path
    known = ", ".join(sorted(each.stem for each in baselines_folder().glob(f"*{SUFFIX}"))) or "none yet"
    raise Failure(f"no baseline is called {name} (there are: {known}); save one with --save-baseline {name}")


def save_baseline(name: str, recording: Path) -> Path:
    """Copy a recording to a baseline's place, in one step; an older one of that name is replaced."""
    path = _path(name)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".new")
        with os.fdopen(handle, "wb") as copy, recording.open("rb") as source:
            shutil.copyfileobj(source, copy)
        Path(temporary).replace(path)
    except OSError as error:
        raise Failure(f"cannot save the baseline to {path}: {error.strerror}") from None
    return path


def _path(name: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", name):
        raise Usage(f"{name!r} is no name for a baseline; use letters, digits, dots, dashes and underscores")
    return baselines_folder() / f"{name}{SUFFIX}"
