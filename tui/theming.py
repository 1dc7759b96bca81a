"""Reads theme files: the packaged ones, then the user's."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import platformdirs
from textual.theme import Theme

from tui.draw.clean import clean
from tui.palette import Palette

DEFAULT = "rooftop-dark"
_FIRST = ("rooftop-dark", "rooftop-light", "rooftop-high-contrast")


def user_folder() -> Path:
    """Return where the user's own themes lie."""
    return platformdirs.user_config_path("rooftop") / "themes"


def load_palettes(folder: Path | None = None) -> tuple[dict[str, Palette], list[str]]:
    """Return the themes by name, and one line for each of the user's that could not be read."""
    palettes = {palette.name: palette for palette in map(_read, _theme_files(files("themes")))}
    ordered = {name: palettes[name] for name in sorted(palettes, key=_rank)}
    warnings = []
    for path in _user_files(user_folder() if folder is None else folder):
        try:
            palette = _read(path)
        except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
            warnings.append(clean(f"theme {path.name} skipped: {error}"))
        else:
            ordered[palette.name] = palette
    return ordered, warnings


def to_textual(palette: Palette) -> Theme:
    """Return what Textual's own widgets need of a palette."""
    base = palette.base
    return Theme(
        name=palette.name,
        dark=palette.dark,
        primary=base["primary"],
        accent=base["accent"],
        foreground=base["foreground"],
        background=base["background"],
        surface=base["surface"],
        panel=base["surface"],
        success=palette.colour("good"),
        warning=palette.colour("warn"),
        error=palette.colour("bad"),
        variables={
            "rooftop-border": palette.colour("border"),
            "rooftop-dim": palette.colour("dim"),
            "rooftop-bad": palette.colour("bad"),
            "rooftop-track": palette.colour("track"),
        },
    )


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def _theme_files(folder: Traversable) -> Iterator[Traversable]:
    return (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))


def _user_files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.toml"))
    except OSError:
        return []


def _read(source: Traversable) -> Palette:
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    name, base, roles = data.get("name"), data.get("base"), data.get("roles")
    if not isinstance(name, str) or not name:
        raise ValueError("it has no name")
    if not isinstance(base, dict) or not isinstance(roles, dict):
        raise ValueError("it needs the tables [base] and [roles]")
    return Palette(name, data.get("dark") is not False, base, roles)
