"""Runs the set-up screen and the list of sessions, and does what they end with."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rooftop.errors import Failure
from rooftop.library import Shelf
from rooftop.terminal import sense_of

if TYPE_CHECKING:
    from tui.desk.ports import Wish


def desk(
    first: Literal["setup", "sessions"],
    shelf: Shelf,
    args: argparse.Namespace,
    texts: Mapping[str, str],
    *,
    profile: str = "",
) -> int:
    """Show a screen until it is left; after a replay the list is shown again. Return the exit code."""
    at: Path | None = None
    said = ""
    while True:
        wish, code = _shown(first, shelf, args, texts, profile=profile, at=at, said=said)
        if wish is None or code:
            return code
        from tui.desk.ports import Start

        if isinstance(wish, Start):
            from rooftop.setup import begin

            return begin(wish.texts, styled(args))
        from rooftop.commands.replay import command as replay

        first, at, said = "sessions", wish.path, ""
        try:
            code = replay([*styled(args), "--", str(wish.path)])
        except Failure as error:
            said = str(error)
        if code:
            return code


def styled(args: argparse.Namespace) -> list[str]:
    """Return the flags of how it is drawn, for the screen that follows."""
    named = ("ascii", "debug")
    return [*(["--theme", args.theme] if args.theme else []), *(f"--{name}" for name in named if getattr(args, name))]


def _shown(
    first: Literal["setup", "sessions"],
    shelf: Shelf,
    args: argparse.Namespace,
    texts: Mapping[str, str],
    *,
    profile: str,
    at: Path | None,
    said: str,
) -> tuple[Wish | None, int]:
    from rooftop.screen import run_screen
    from rooftop.setup_form import FlagForm
    from rooftop.workshop import Workshop
    from tui.desk.app import DeskApp

    form = FlagForm()
    app = DeskApp(
        first, form=form, library=shelf, texts=form.known(texts), profile=profile, at=at, said=said,
        works=Workshop(), theme=args.theme, sense=sense_of(args),
    )  # fmt: skip
    code = run_screen(app, mouse=app.config.mouse)
    shelf.save()
    return app.return_value, code
