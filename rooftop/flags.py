"""A command line as texts by flag, and back: what the set-up screen edits and profiles keep."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

URL = "url"
YES = "yes"
"""The text of a flag that takes no value."""
LOADS: Mapping[str, tuple[str, ...]] = {
    "concurrency": (),
    "rate": (),
    "trace": ("trace-speed", "trace-limit"),
}
"""Ways to load a server, one of which can be said, and the flags that go with each."""


class Wrong(Exception):
    """argparse refused a command line; the text is its message."""


def flags_of(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Return a parser's arguments by the name of their flag, without dashes; a positional by its own."""
    found = (action for action in parser._actions if not isinstance(action, argparse._HelpAction))
    return {_name(action): action for action in found}


def raising(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Make a parser raise :class:`Wrong` where it would end the program."""

    def refuse(message: str) -> None:
        raise Wrong(message)

    parser.error = refuse  # type: ignore[method-assign, assignment]
    return parser


def texts_of(parser: argparse.ArgumentParser, words: list[str]) -> dict[str, str]:
    """Return what a command line says, unchecked: a text a flag; flags that it does not name are absent.

    The parser is of no use afterwards. Raises :class:`Wrong`.
    """
    flags = flags_of(parser)
    for action in flags.values():
        action.type, action.choices, action.default = None, None, None
    for group in parser._mutually_exclusive_groups:
        group.required = False
    given = vars(raising(parser).parse_args(words))
    found = {name: _text(given.get(action.dest)) for name, action in flags.items()}
    return {name: text for name, text in found.items() if text}


def words_of(parser: argparse.ArgumentParser, texts: Mapping[str, str]) -> list[str]:
    """Return the command line that says the same: the inverse of :func:`texts_of`, without what it does not know."""
    words = []
    for name, action in flags_of(parser).items():
        text = texts.get(name, "").strip()
        if not text or name == URL:
            continue
        if action.nargs == 0:
            words += [f"--{name}"] if text == YES else []
        elif isinstance(action, argparse._AppendAction):
            words += [f"--{name}={one}" for one in text.split()]
        else:
            words.append(f"--{name}={text}")
    url = texts.get(URL, "").strip()
    return [*words, *(["--", url] if url else [])]


def over(below: Mapping[str, str], above: Mapping[str, str]) -> dict[str, str]:
    """Lay texts over others; one way to load a server takes the place of another."""
    kept = dict(below)
    if "demo" in above:
        kept.pop(URL, None)  # the simulated server takes the place of any
    if any(name in above for name in LOADS):
        for name, more in LOADS.items():
            for gone in (name, *more):
                kept.pop(gone, None)
    return {**kept, **above}


def checked(action: argparse.Action, text: str) -> str | None:
    """Return why a flag does not take a text, in its own parser's words; ``None``: it does."""
    if action.choices is not None and text not in action.choices:
        return f"one of {', '.join(action.choices)}"
    parse: Callable[[str], Any] | None = action.type if callable(action.type) else None
    if parse is None:
        return None
    try:
        for one in text.split() if isinstance(action, argparse._AppendAction) else [text]:
            parse(one)
    except argparse.ArgumentTypeError as error:
        return str(error)
    except (TypeError, ValueError):
        return f"{text!r} is no value for --{_name(action)}"
    return None


def _name(action: argparse.Action) -> str:
    long = [word for word in action.option_strings if word.startswith("--")]
    return long[0].removeprefix("--") if long else action.dest


def _text(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return YES
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
