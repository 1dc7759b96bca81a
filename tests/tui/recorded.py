"""The real recordings of H200s, as a replay that stands still."""

from __future__ import annotations

import gzip
from pathlib import Path

from session.playback import ReplaySession
from tests.tui.helpers import NOWHERE
from tui.app import RooftopApp
from tui.config import Config

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"


def replay_at(folder: Path, at_s: float, tp: int = 1, theme: str | None = None, view: str | None = None) -> RooftopApp:
    """A replay of the recording with this many GPUs, paused at a time; unpacked into ``folder``."""
    path = folder / "h200.rooftop"
    path.write_bytes(gzip.decompress((RECORDINGS / f"h200-llama-3.1-8b-tp{tp}.rooftop.gz").read_bytes()))
    session = ReplaySession(path)
    session.play_pause()
    session.seek(at_s)
    while session.refresh().reading is not None:
        pass  # it is read a slice at a time
    config = Config(view=view)
    return RooftopApp(session, None, theme=theme, theme_folder=NOWHERE, refresh_s=3600, config=config)
