"""What the user keeps in ``config.toml``: keys, theme and first view."""

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
    """The table ``[keys]``, to be checked by :func:`tui.keys.rebind`."""
    theme: str | None = None
    view: str | None = None
    mouse: bool = True
    warnings: tuple[str, ...] = ()


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


def _checked(data: Mapping[str, object]) -> Config:
    wrong: list[str] = [f"config.toml: no table is called [{name}]" for name in data if name not in ("keys", "screen")]
    keys, screen = _table(data, "keys", wrong), _table(data, "screen", wrong)
    wrong += [f"config.toml: [screen] has no {name}" for name in screen if name not in ("theme", "view", "mouse")]
    theme, view, mouse = screen.get("theme"), screen.get("view"), screen.get("mouse", True)
    if theme is not None and not isinstance(theme, str):
        wrong.append("config.toml: [screen] theme is the name of a theme")
    if view is not None and (not isinstance(view, str) or view not in VIEWS):
        wrong.append(f"config.toml: [screen] view is one of {', '.join(VIEWS)}")
        view = None
    if not isinstance(mouse, bool):
        wrong.append("config.toml: [screen] mouse is true or false")
    return Config(
        keys,
        theme if isinstance(theme, str) else None,
        view if isinstance(view, str) else None,
        mouse is not False,
        tuple(map(clean, wrong)),
    )


def _table(data: Mapping[str, object], name: str, wrong: list[str]) -> Mapping[str, object]:
    table = data.get(name, {})
    if isinstance(table, dict):
        return table
    wrong.append(f"config.toml: {name} is a table, [{name}]")
    return {}
