"""Every declared key is pressed, live and in a replay, and what its help says is seen on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from heapq import merge
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from session.codec import encode
from session.events import Event, Note
from session.playback import ReplaySession
from tests.events import header, ramp
from tests.tui.clock import Clock
from tests.tui.helpers import app_of, dialog, shown
from tests.tui.recorded import read_all
from tests.tui.running import Running
from tui.app import RooftopApp
from tui.keys import KEYS, Key
from tui.levelorder import SORTABLE
from tui.views.registry import VIEWS

HERE_S = 50.0
NOTES = (Note(t_s=15.0, text="one"), Note(t_s=45.0, text="two"), Note(t_s=55.0, text="three"))
SIZE = (160, 45)


def events() -> Iterator[Event]:
    """Levels of 1, 8 and 64 from 1, 21 and 41 s, and notes."""
    return merge(ramp((1, 8, 64), hold_s=20.0), NOTES, key=lambda event: event.t_s)


@contextmanager
def live(folder: Path) -> Iterator[RooftopApp]:
    """A running session of 50 s."""
    running = Running(folder / "a.rooftop", events())
    try:
        yield running.app
    finally:
        running.session.close()


@contextmanager
def replay(folder: Path) -> Iterator[RooftopApp]:
    """A replay that stands at 50 of 61.5 s."""
    path = folder / "a.rooftop"
    path.write_bytes(encode(header(clock_ns=0)) + b"".join(map(encode, events())))
    time = Clock(0.0)
    session = ReplaySession(path, time)
    session.play_pause()
    session.seek(HERE_S)
    read_all(session)
    try:
        yield app_of(session, clock=time)
    finally:
        session.close()


See = Callable[[RooftopApp], Any]
Worlds = dict[str, Callable[[Path], AbstractContextManager[RooftopApp]]]
WORLDS: Worlds = {"live": live, "replay": replay}


@dataclass(frozen=True)
class Effect:
    """What is looked at, what it is after the key, and what is pressed before."""

    see: See
    becomes: Callable[[Any], Any]
    """What is to be seen after the key, from what was seen before it."""
    first: tuple[str, ...] = ()


def tile(app: RooftopApp) -> float:
    return float(shown(app, "tiles").splitlines()[2].split()[1])


def label(app: RooftopApp) -> str:
    return shown(app, "tiles").splitlines()[1].split()[1]


def typed(app: RooftopApp) -> str:
    line = shown(app, "message")
    return line.split("load: ")[1].split("_")[0] if "load: " in line else ""


def sets(app: RooftopApp) -> list[Any]:
    return list(app.controls.sets)  # type: ignore[union-attr]


def left(app: RooftopApp) -> bool:
    """Whether the program ended, or asks whether it should."""
    return app._exit or dialog(app) == "QuitDialog"


def at(app: RooftopApp) -> float:
    """The position that is shown, in seconds; the present where nothing else is."""
    header_text = shown(app, "header")
    said = next((part.split("/")[0] for sign in "▶‖" for part in header_text.split(sign)[1:]), None)
    if said is None:
        return HERE_S
    minutes, seconds = said.strip().split(":")
    return int(minutes) * 60.0 + int(seconds)


def runs(app: RooftopApp) -> bool:
    return "▶" in shown(app, "header")


def speed(app: RooftopApp) -> str:
    return shown(app, "progress").rsplit("×", 1)[1]


def view(app: RooftopApp) -> str:
    return shown(app, "tabs").split("[")[1].split("]")[0].split(" ")[1].lower()


def body(app: RooftopApp) -> set[str]:
    return set(app.board.places) - {"header", "tabs", "progress", "message", "footer"}


def row(app: RooftopApp) -> int:
    """The row of the levels' table that is marked, from 0."""
    rows = shown(app, "level_table").splitlines()[3:]
    return next(n for n, line in enumerate(rows) if "›" in line)


def order(app: RooftopApp) -> str:
    return " ".join(shown(app, "level_table").splitlines()[0].split("sorted by ")[1].split(" ─")[0].split()[:4])


def charts(app: RooftopApp) -> set[str]:
    return body(app) & {"time", "level", "roofline"}


def span(app: RooftopApp) -> str:
    return next(words for words in ("last 10 min", "last 1 h") if words in shown(app, "time"))


def goes(seconds: float, *first: str) -> Effect:
    return Effect(at, lambda before: before + seconds, first)


def opens(screen: str) -> Effect:
    return Effect(dialog, lambda _: screen)


def to(name: str) -> Effect:
    return Effect(view, lambda _: name, ("4",) if name != "regime" else ())


def in_header(text: str) -> See:
    return lambda app: text in shown(app, "header")


THEMES = ("rooftop-dark", "rooftop-light")
AFTER = dict(pairwise(THEMES))
PAST = ("shift+left",)
EFFECTS: dict[str, Effect] = {
    "double": Effect(tile, lambda n: 2 * n),
    "halve": Effect(tile, lambda n: n / 2),
    "more": Effect(tile, lambda n: n + 1),
    "less": Effect(tile, lambda n: n - 1),
    "type": Effect(lambda app: "load: _" in shown(app, "message"), lambda _: True),
    "digit": Effect(lambda app: typed(app).isdigit(), lambda _: True, ("equals_sign",)),
    "enter": Effect(sets, lambda before: [*before, (7, "key")], ("equals_sign", "7")),
    "erase": Effect(typed, lambda before: before[:-1], ("equals_sign", "7", "2")),
    "cancel": Effect(lambda app: (typed(app), sets(app)), lambda _: ("", []), ("equals_sign", "7")),
    "pause": Effect(tile, lambda _: 0.0),
    "closed": Effect(label, lambda _: "Concurrency", ("o",)),
    "open": Effect(label, lambda _: "Rate"),
    "workload": opens("LengthsDialog"),
    "note": opens("NoteDialog"),
    "play": Effect(runs, lambda before: not before),
    "roll": Effect(runs, lambda before: not before, PAST),
    "back": goes(-1),
    "ahead": goes(+1, "left"),
    "far_back": goes(-30),
    "far_ahead": goes(+30, *PAST),
    "level_back": Effect(at, lambda _: 41.0),
    "level_ahead": Effect(at, lambda _: 21.0, PAST),
    "event_back": Effect(at, lambda _: 45.0),
    "event_ahead": Effect(at, lambda _: 45.0, PAST),
    "jump": opens("JumpDialog"),
    "start": Effect(at, lambda _: 0.0),
    "end": Effect(at, lambda _: 61.0),
    "present": Effect(in_header(" ago"), lambda _: False, PAST),
    "slower": Effect(speed, lambda _: "0.5", PAST),
    "faster": Effect(speed, lambda _: "2", PAST),
    "overview": to("overview"),
    "requests": to("requests"),
    "gpus": to("gpus"),
    "regime": to("regime"),
    "levels": to("levels"),
    "events": to("events"),
    "next_view": Effect(view, lambda _: "requests"),
    "last_view": Effect(view, lambda _: "events"),
    "maximise": Effect(body, lambda _: {VIEWS["overview"].order[0]}),
    "restore": Effect(lambda app: len(body(app)) > 1, lambda _: True, ("x",)),
    "row_up": Effect(row, lambda n: n - 1, ("5",)),
    "row_down": Effect(row, lambda n: n + 1, ("5", "k")),
    "choose_up": Effect(row, lambda n: n - 1, ("5",)),
    "choose_down": Effect(row, lambda n: n + 1, ("5", "k")),
    "page_up": Effect(row, lambda _: 0, ("5",)),
    "page_down": Effect(row, lambda _: 2, ("5", "pageup")),
    "first_row": Effect(row, lambda _: 0, ("5",)),
    "last_row": Effect(row, lambda _: 2, ("5", "home")),
    "sort": Effect(order, lambda _: f"{SORTABLE[0]} ↑", ("5",)),
    "turn": Effect(order, lambda before: before.replace("↑", "↓"), ("5",)),
    "freeze": Effect(in_header("FROZEN"), lambda before: not before),
    "chart": Effect(charts, lambda _: {"time", "roofline"}),
    "span": Effect(span, lambda _: "last 1 h"),
    "theme": Effect(lambda app: app.theme, lambda before: AFTER[before]),
    "shot": Effect(lambda app: "saved /" in shown(app, "message"), lambda _: True),
    "palette": opens("CommandPalette"),
    "help": opens("HelpDialog"),
    "setup": Effect(lambda app: (app.onward, left(app)), lambda _: ("setup", True)),
    "quit": Effect(left, lambda _: True),
}
"""What each id does, by what is seen on the screen."""


def cases() -> Iterator[Any]:
    for key in KEYS:
        for world in WORLDS:
            if key.where in (world, "both"):
                for pressed in key.keys:
                    yield pytest.param(key, pressed, world, id=f"{key.id}-{pressed}-{world}")


def test_the_table_holds_every_id_and_no_other() -> None:
    assert list(EFFECTS) == [key.id for key in KEYS]


@pytest.mark.parametrize(("key", "pressed", "world"), cases())
async def test_every_key_does_what_it_says(
    key: Key, pressed: str, world: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect = EFFECTS[key.id]
    monkeypatch.chdir(tmp_path)
    with WORLDS[world](tmp_path) as app:
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, *effect.first)
            before = effect.see(app)
            await press(pilot, pressed)
            after = effect.see(app)
            assert after == effect.becomes(before)
            assert after != before


@pytest.mark.parametrize("key", [key for key in KEYS if key.group == "Load" and not key.when])
async def test_load_keys_say_that_they_are_off_in_a_replay(key: Key, tmp_path: Path) -> None:
    with replay(tmp_path) as app:
        async with app.run_test(size=SIZE) as pilot:
            for pressed in key.keys:
                if (found := app.keymap.find(pressed, app._states, replay=True)) == key:
                    await press(pilot, pressed)
                    assert "load keys are off" in shown(app, "message")
                else:
                    assert found is not None, "it means something else in a replay"


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
