"""``rooftop setup``: fill in what a session is started with, and start it as the command line does."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from rooftop import profiles
from rooftop.commands.watch import command as watch_command
from rooftop.commands.watch import watch_parser
from rooftop.desk import desk
from rooftop.errors import Failure, Usage
from rooftop.flags import YES, Wrong, over, texts_of, words_of
from rooftop.library import Shelf, usual_places
from rooftop.terminal import cannot_draw


def set_up(words: list[str]) -> int:
    """Show the set-up screen, filled with a profile or what was used last, and with the flags given."""
    if why := cannot_draw("the set-up screen"):
        raise Usage(f"{why}; without one say the flags: rooftop run URL --concurrency 1,8")
    try:
        given = texts_of(watch_parser(), words)
    except Wrong as error:
        raise Usage(str(error)) from None
    name = given.get("profile", "")
    below = profiles.load(name) if name else profiles.last()
    return show(over(below, given), look_of(given), profile=name)


def from_session(words: list[str]) -> int:
    """Show the set-up screen after a session, filled with the flags of that."""
    try:
        texts = texts_of(watch_parser(), words)
    except Wrong:
        texts = {}
    return show(texts, look_of(texts))


def look_of(texts: Mapping[str, str]) -> argparse.Namespace:
    """Return the flags of how it is drawn."""
    return argparse.Namespace(
        theme=texts.get("theme"), ascii=texts.get("ascii") == YES, debug=texts.get("debug") == YES
    )


def show(texts: Mapping[str, str], look: argparse.Namespace, *, profile: str = "") -> int:
    """Show the screen until it is left; begin what the user wants."""
    return desk("setup", Shelf(usual_places()), look, texts, profile=profile)


def begin(texts: Mapping[str, str], styled: Sequence[str]) -> int:
    """Start a session with these texts, the way the command line does, and remember them."""
    profiles.remember(texts)
    try:
        return watch_command([*styled, *words_of(watch_parser(), texts)])
    except Failure as error:
        raise Failure(f"{error}; 'rooftop setup' has the values still") from None
