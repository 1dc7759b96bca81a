"""Makes the pictures of README and docs: a recording on the screen at one instant, without a terminal.

python scripts/screenshot.py RECORDING OUT.svg [AT_S [COLUMNS LINES [THEME [KEYS]]]]   # KEYS: pressed first: 4 or 5,s
"""

from __future__ import annotations

import asyncio
import gzip
import sys
import tempfile
from pathlib import Path

from session.playback import ReplaySession
from tui.app import RooftopApp
from tui.config import Config


async def picture(recording: Path, at_s: float, size: tuple[int, int], theme: str, keys: list[str]) -> str:
    """Return the screen as SVG."""
    session = ReplaySession(recording)
    session.play_pause()
    session.seek(at_s)
    while session.refresh().reading is not None:
        pass  # it is read a slice at a time
    app = RooftopApp(session, None, theme=theme, config=Config())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        app.tick()
        await pilot.pause()
        return app.export_screenshot(title="rooftop")


def main(words: list[str]) -> None:
    """Make one picture."""
    usual = ["1e9", "160", "45", "rooftop-dark", ""]
    source, out, at_s, columns, lines, theme, keys = (*words, *usual[len(words) - 2 :])
    data = Path(source).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.rooftop"
        path.write_bytes(gzip.decompress(data) if source.endswith(".gz") else data)
        size = (int(columns), int(lines))
        svg = asyncio.run(picture(path, float(at_s), size, theme, [key for key in keys.split(",") if key]))
    Path(out).write_text(svg)


if __name__ == "__main__":
    main(sys.argv[1:])
