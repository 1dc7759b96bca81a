"""What the screen sends to the terminal, in bytes, over a replayed recording of eight GPUs and 1,024 streams."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pyte
import pytest
from rich.color import ColorSystem
from textual.pilot import Pilot

from bench.tui.load import write_load
from session.playback import ReplaySession
from tests.tui.wiretap import Wire, tapped
from tui import board
from tui.app import RooftopApp
from tui.layout import Place
from tui.lines import Lines
from tui.scene import Scene
from tui.terminal_cells import Looks, cells_of
from tui.views.registry import PAINTS, VIEWS

SIZE = (160, 45)


class Replay:
    """A replay whose clock goes when it is told to."""

    def __init__(self, app: RooftopApp, pilot: Pilot[None], wire: Wire, clock: list[float]) -> None:
        self.app, self.pilot, self.wire = app, pilot, wire
        self._clock = clock

    async def play(self, seconds: int) -> None:
        """Play, as the app does by itself: read and drawn once a second."""
        for _ in range(seconds):
            self._clock[0] += 1.0
            self.app.tick()
            await self.pilot.pause()

    async def show(self, view: str) -> None:
        """Show a view, as its key does."""
        self.app.act(view)
        await self.pilot.pause()

    async def go(self, t_s: float) -> None:
        """Seek, and let what that changes settle."""
        self.app.session.transport.seek(t_s)  # type: ignore[union-attr]
        await self.play(2)
        while self.app.snapshot.reading is not None:  # it is read a slice at a time
            self.app.tick()
        await self.play(1)
        self.wire.take()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    path = tmp_path_factory.mktemp("load") / "load.rooftop"
    return path, write_load(path, repeats=3)


@contextlib.asynccontextmanager
async def replayed(path: Path, theme: str | None = None) -> AsyncIterator[Replay]:
    clock = [0.0]
    session = ReplaySession(path, clock=lambda: clock[0])
    app = RooftopApp(session, None, theme=theme, theme_folder=Path("/nonexistent"), refresh_s=3600)
    async with tapped(app, SIZE) as (pilot, wire):
        yield Replay(app, pilot, wire, clock)


async def test_the_start_until_all_is_shown_is_small(recording: tuple[Path, float]) -> None:
    async with replayed(recording[0]) as replay:
        await replay.play(2)
        assert len(replay.app.snapshot.gpus) == 8
        assert len(replay.app.board.places) > 10
        assert replay.wire.take_size() < 40_000


@pytest.mark.parametrize("view", VIEWS)
async def test_a_busy_screen_stays_under_its_bound(recording: tuple[Path, float], view: str) -> None:
    path, begin_s = recording
    async with replayed(path) as replay:
        await replay.show(view)
        await replay.go(begin_s + 5)
        await replay.play(20)
        assert replay.app.snapshot.in_flight == 1024
        sent = replay.wire.take_size()
        assert 20 * 20 < sent < 3_000 * 20


@pytest.mark.parametrize("view", VIEWS)
async def test_a_screen_that_stands_still_sends_nothing(recording: tuple[Path, float], view: str) -> None:
    path, begin_s = recording
    async with replayed(path) as replay:
        await replay.show(view)
        await replay.go(begin_s + 5)
        await replay.pilot.press("space")
        await replay.pilot.pause()
        assert replay.wire.take_size() > 0
        await replay.play(10)
        for panel in replay.app.board.places:
            replay.app.board.panel(panel).refresh()
        await replay.pilot.pause()
        assert replay.wire.take() == ""


@pytest.mark.parametrize("view", VIEWS)
async def test_another_view_is_at_most_a_screen_of_cells(recording: tuple[Path, float], view: str) -> None:
    path, begin_s = recording
    async with replayed(path) as replay:
        await replay.go(begin_s + 5)
        await replay.show(view)
        assert replay.wire.take_size() < 40_000


async def test_panels_that_are_not_on_the_screen_are_not_painted(
    recording: tuple[Path, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[str] = []
    real = board.paint

    def paint(place: Place, scene: Scene) -> Lines:
        painted.append(place.panel)
        return real(place, scene)

    monkeypatch.setattr(board, "paint", paint)
    async with replayed(recording[0]) as replay:
        await replay.show("events")
        painted.clear()
        await replay.play(1)
        assert sorted(painted) == sorted(replay.app.board.places)
        assert len(painted) < len(PAINTS) // 2


async def test_a_digit_is_a_few_bytes(recording: tuple[Path, float]) -> None:
    """A second of the header's clock, where nothing else changes: move, colour, digit, colour back."""
    path, begin_s = recording
    async with replayed(path) as replay:
        await replay.go(begin_s + 5)
        tape = replay.app.session.transport
        assert tape is not None
        panel = replay.app.board.panel("header")
        line = panel.lines[0]
        *before, (text, role) = line
        panel.show(((*before, (text[:-1] + "X", role)),))
        await replay.pilot.pause()
        assert "X" in (sent := replay.wire.take())
        assert len(sent) < 80


@pytest.mark.parametrize("theme", ["rooftop-dark", "rooftop-light"])
async def test_the_terminal_shows_what_was_composed(recording: tuple[Path, float], theme: str) -> None:
    """Through levels, dialogs, charts, another theme and other sizes: text and colours of every cell."""
    path, begin_s = recording
    async with replayed(path, theme) as replay:
        screen = pyte.Screen(*SIZE)
        stream = pyte.Stream(screen)

        def check() -> None:
            stream.feed(replay.wire.take())
            assert_shown(screen, replay.app)

        check()
        replay.app.session.transport.seek(begin_s - 4)  # type: ignore[union-attr]
        for _ in range(8):
            await replay.play(1)
            check()
        for key in ("question_mark", "escape", "v", "v", "z", "t", "f", "f", "ctrl+p", "escape", "shift+left", "end"):
            await replay.pilot.press(key)
            await replay.pilot.pause()
            check()
        for size in ((80, 24), (40, 10), (170, 50), SIZE):
            await replay.pilot.resize_terminal(*size)
            await replay.pilot.pause()
            screen.resize(size[1], size[0])
            screen.reset()
            check()


async def test_a_redraw_sends_everything(recording: tuple[Path, float]) -> None:
    """Another program may have written over the screen; ctrl+l repairs it."""
    async with replayed(recording[0]) as replay:
        await replay.play(2)
        replay.wire.take()
        await replay.pilot.press("ctrl+l")
        await replay.pilot.pause()
        screen = pyte.Screen(*SIZE)
        pyte.Stream(screen).feed(replay.wire.take())
        assert_shown(screen, replay.app)


def assert_shown(screen: pyte.Screen, app: RooftopApp) -> None:
    """Compare a terminal with the strips that Textual composes."""
    looks = Looks(ColorSystem.TRUECOLOR)
    app.screen._compositor._dirty_regions.clear()
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        for x, (text, look) in enumerate(cells_of(strip, looks)):
            char = screen.buffer[y][x]
            assert char.data == text, (x, y)
            assert char.bg == colour(look.back), (x, y)
            if text.strip():
                assert char.fg == colour(look.front), (x, y)
                assert char.bold == (1 in look.attributes), (x, y)


def colour(codes: str) -> str:
    if not codes:
        return "default"
    _, _, red, green, blue = codes.split(";")
    return f"{int(red):02x}{int(green):02x}{int(blue):02x}"
