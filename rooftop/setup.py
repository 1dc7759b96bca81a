"""``rooftop setup``: fill in what a session is started with, and start it as the command line does."""

from __future__ import annotations

from collections.abc import Mapping

from rooftop import profiles
from rooftop.commands.watch import command as watch_command
from rooftop.commands.watch import watch_parser
from rooftop.errors import Failure, Usage
from rooftop.flags import Wrong, over, texts_of, words_of
from rooftop.library import Shelf, usual_places
from rooftop.sessions import follow, hooks
from rooftop.setup_form import FlagForm
from rooftop.terminal import has_terminal


def set_up(words: list[str]) -> int:
    """Show the set-up screen, filled with a profile or what was used last, and with the flags given."""
    if not has_terminal():
        raise Usage("the set-up screen needs a terminal; without one say the flags: rooftop run URL --concurrency 1,8")
    try:
        given = texts_of(watch_parser(), words)
    except Wrong as error:
        raise Usage(str(error)) from None
    name = given.get("profile", "")
    below = profiles.load(name) if name else profiles.last()
    return show(over(below, given), profile=name, theme=given.get("theme"))


def from_session(words: list[str]) -> int:
    """Show the set-up screen after a session, filled with the flags of that."""
    try:
        texts = texts_of(watch_parser(), words)
    except Wrong:
        texts = {}
    return show(texts, theme=texts.get("theme"))


def show(texts: Mapping[str, str], *, profile: str = "", theme: str | None = None) -> int:
    """Show the screen until it is left; begin what the user wants."""
    from rooftop.screen import end_on_signals
    from tui.desk.app import DeskApp
    from tui.desk.ports import Start

    form = FlagForm()
    shelf = Shelf(usual_places())
    app = DeskApp("setup", form=form, library=shelf, texts=form.known(texts), profile=profile, hooks=hooks(),
                  theme=theme)  # fmt: skip
    end_on_signals(app)
    wish = app.run()
    shelf.save()
    if isinstance(wish, Start):
        return begin(wish.texts, theme)
    return follow(wish, app.return_code or 0, theme)


def begin(texts: Mapping[str, str], theme: str | None) -> int:
    """Start a session with these texts, the way the command line does, and remember them."""
    profiles.remember(texts)
    words = words_of(watch_parser(), {**texts, **({"theme": theme} if theme else {})})
    try:
        return watch_command(words)
    except Failure as error:
        raise Failure(f"{error}; 'rooftop setup' has the values still") from None
