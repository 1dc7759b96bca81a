"""What the user keeps in ``config.toml``: keys, theme, first view, and how it is drawn."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from tui.draw.clean import clean
from tui.views.registry import VIEWS


@dataclass(frozen=True, slots=True)
class Config:
    """What was found; what is wrong is left out and said in ``warnings``, a line each."""

    keys: Mapping[str, object] = field(default_factory=dict)
    """The table ``[keys]`` without the tables in it, to be checked by :func:`tui.keys.rebind`."""
    theme: str | None = None
    view: str | None = None
    mouse: bool = True
    warnings: tuple[str, ...] = ()
    ascii: bool = False
    """Draw with ASCII alone."""
    desk_keys: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """The tables ``[keys.setup]``, ``[keys.sessions]`` and ``[keys.compare]``, to be checked by
    :func:`tui.desk.keys.rebind`."""


def user_config() -> Path:
    """Return where the file is looked for."""
    return platformdirs.user_config_path("rooftop") / "config.toml"


def read_config(path: Path | None = None) -> Config:
    """Read the file; without one everything is as it always is."""
    path = user_config() if path is None else path
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        return Config(warnings=(clean(f"{path} is not read: {error}"),))
    return _checked(data)


SWITCHES = ("mouse", "ascii")
DESK = ("setup", "sessions", "compare")
"""Screens around a session, which have tables of keys of their own."""


def _checked(data: Mapping[str, object]) -> Config:
    wrong: list[str] = [f"config.toml: no table is called [{name}]" for name in data if name not in ("keys", "screen")]
    keys, screen = _table(data, "keys", wrong), _table(data, "screen", wrong)
    desk = {name: table for name in DESK if isinstance(table := keys.get(name), dict)}
    board = {name: value for name, value in keys.items() if name not in desk}
    wrong += [f"config.toml: [screen] has no {name}" for name in screen if name not in ("theme", "view", *SWITCHES)]
    theme, view = screen.get("theme"), screen.get("view")
    if theme is not None and not isinstance(theme, str):
        wrong.append("config.toml: [screen] theme is the name of a theme")
    if view is not None and (not isinstance(view, str) or view not in VIEWS):
        wrong.append(f"config.toml: [screen] view is one of {', '.join(VIEWS)}")
        view = None
    wrong += [
        f"config.toml: [screen] {name} is true or false"
        for name in SWITCHES
        if not isinstance(screen.get(name, True), bool)
    ]
    return Config(
        board,
        theme if isinstance(theme, str) else None,
        view if isinstance(view, str) else None,
        screen.get("mouse") is not False,
        tuple(map(clean, wrong)),
        screen.get("ascii") is True,
        desk,
    )


def _table(data: Mapping[str, object], name: str, wrong: list[str]) -> Mapping[str, object]:
    table = data.get(name, {})
    if isinstance(table, dict):
        return table
    wrong.append(f"config.toml: {name} is a table, [{name}]")
    return {}
