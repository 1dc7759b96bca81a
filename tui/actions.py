"""What each declared key does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.load import Load
from tui.screens.help import HelpDialog
from tui.screens.jump import JumpDialog
from tui.screens.lengths import LengthsDialog
from tui.screens.note import NoteDialog
from tui.tape import Deck
from tui.viewing import Viewing
from tui.views.registry import VIEWS

if TYPE_CHECKING:
    from tui.app import RooftopApp

Handler = Callable[[str], None]


def handlers(app: RooftopApp) -> dict[str, Handler]:
    """Return the handler of every key by its id; a handler gets the digit where there is one."""
    found = _screen(app) | _views(app, app.viewing) | _lists(app, app.viewing)
    if app.load is not None:
        found |= _load(app, app.load)
    if app.deck is not None:
        found |= _time(app, app.deck)
    return found


def _load(app: RooftopApp, load: Load) -> dict[str, Handler]:
    return {
        "double": lambda _: _answer(app, load.double()),
        "halve": lambda _: _answer(app, load.halve()),
        "more": lambda _: _answer(app, load.step(1)),
        "less": lambda _: _answer(app, load.step(-1)),
        "type": lambda _: load.type(),
        "digit": load.digit,
        "enter": lambda _: _answer(app, load.enter()),
        "erase": lambda _: load.erase(),
        "cancel": lambda _: load.cancel(),
        "pause": lambda _: _answer(app, load.pause()),
        "closed": lambda _: _answer(app, load.switch("closed")),
        "open": lambda _: _answer(app, load.switch("open")),
        "workload": lambda _: _ask_lengths(app),
        "note": lambda _: _ask_note(app),
    }


def _time(app: RooftopApp, deck: Deck) -> dict[str, Handler]:
    def then(act: Callable[[], str | None]) -> Handler:
        return lambda _: app.wind(act)

    return {
        "play": then(deck.play_pause),
        "roll": then(deck.play_pause),
        "back": then(lambda: deck.wind(-1)),
        "ahead": then(lambda: deck.wind(1)),
        "far_back": then(lambda: deck.move(-30)),
        "far_ahead": then(lambda: deck.move(30)),
        "level_back": then(lambda: deck.next_level(-1)),
        "level_ahead": then(lambda: deck.next_level(1)),
        "event_back": then(lambda: deck.next_event(-1)),
        "event_ahead": then(lambda: deck.next_event(1)),
        "jump": lambda _: _ask_time(app, deck),
        "start": then(lambda: deck.go(0)),
        "end": then(deck.end),
        "present": then(deck.end),
        "slower": then(lambda: deck.faster(0.5)),
        "faster": then(lambda: deck.faster(2)),
    }


def _views(app: RooftopApp, viewing: Viewing) -> dict[str, Handler]:
    def show(view: str) -> Handler:
        return lambda _: viewing.show(view)

    return {
        **{view: show(view) for view in VIEWS},
        "next_view": lambda _: viewing.turn(1),
        "last_view": lambda _: viewing.turn(-1),
        "maximise": lambda _: viewing.maximise(),
        "restore": lambda _: viewing.restore(),
        "chart": lambda _: viewing.next_chart(app.body_size, app.scene()),
        "span": lambda _: viewing.next_span(),
    }


def _lists(app: RooftopApp, viewing: Viewing) -> dict[str, Handler]:
    def move(pages: int, rows: int) -> Handler:
        return lambda _: viewing.move(pages * app.board.page() + rows, app.scene())

    return {
        "row_up": move(0, -1),
        "row_down": move(0, 1),
        "choose_up": move(0, -1),
        "choose_down": move(0, 1),
        "page_up": move(-1, 0),
        "page_down": move(1, 0),
        "first_row": lambda _: viewing.choose(0, app.scene()),
        "last_row": lambda _: viewing.choose(sys.maxsize, app.scene()),
        "sort": lambda _: app.say(viewing.sort()),
        "turn": lambda _: app.say(viewing.reverse()),
    }


def _screen(app: RooftopApp) -> dict[str, Handler]:
    return {
        "freeze": lambda _: app.freeze(),
        "theme": lambda _: app.next_theme(),
        "shot": lambda _: app.say(save_shot(app), 10),
        "palette": lambda _: app.action_command_palette(),
        "help": lambda _: _help(app),
        "setup": lambda _: app.set_up(),
        "quit": lambda _: app.action_leave(),
    }


def _answer(app: RooftopApp, text: str | None) -> None:
    """Say what came of a key, with keys as they are bound; in the past, where a load is out of sight, always."""
    if text is None and app.load is not None and app.deck is not None and app.deck.away:
        text = f"from now on, not in this picture: {app.load.told}"
    if text:
        app.say(app.keymap.fill(text))


def _help(app: RooftopApp) -> None:
    palette = next(p for name, p in app.palettes.items() if name == app.theme)
    app.push_screen(HelpDialog(palette, app.keymap, replay=app.replay))


def _ask_note(app: RooftopApp) -> None:
    def keep(text: str | None) -> None:
        if text and app.controls is not None:
            app.controls.note(text)
            app.say(f"noted: {text}")

    app.push_screen(NoteDialog(), keep)


def _ask_time(app: RooftopApp, deck: Deck) -> None:
    def go(t_s: float | None) -> None:
        if t_s is not None:
            app.wind(lambda: deck.go(t_s))

    app.push_screen(JumpDialog(deck.position_s, deck.duration_s), go)


def _ask_lengths(app: RooftopApp) -> None:
    if app.load is not None and app.load.mode == "trace":
        _answer(app, "the lengths are the trace's: {closed} or {open} leaves it")
        return

    def keep(lengths: tuple[int, int] | None) -> None:
        if lengths is not None and app.controls is not None and app.load is not None:
            app.load.take_over()
            app.controls.set_workload(*lengths)
            app.say(f"from now on {lengths[0]:,} prompt and {lengths[1]:,} output tokens")

    app.push_screen(LengthsDialog(app.snapshot.prompt_tokens, app.snapshot.output_len), keep)


def save_shot(app: RooftopApp) -> str:
    """Save the screen as SVG here, else beside the recording; return where it went."""
    name = f"rooftop-{datetime.now().astimezone():%Y-%m-%d_%H%M%S}.svg"
    trouble = ""
    for folder in (Path.cwd(), Path(app.session.path).absolute().parent):
        try:
            return f"saved {app.save_screenshot(name, str(folder))}"
        except OSError as error:
            trouble = f"cannot save {folder / name}: {error.strerror}"
    return trouble
