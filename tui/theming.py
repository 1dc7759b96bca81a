"""Reads theme files: the packaged ones, then the user's."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import platformdirs
from rich.color import ColorType
from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme

from tui.contrast import hard_to_read
from tui.draw.clean import clean
from tui.palette import Palette
from tui.sense import FULL, Sense

DEFAULT, SIXTEEN = "rooftop-dark", "rooftop-16"
_FIRST = (DEFAULT, "rooftop-light", "rooftop-high-contrast", "rooftop-okabe-ito", SIXTEEN)


def user_folder() -> Path:
    """Return where the user's own themes lie."""
    return platformdirs.user_config_path("rooftop") / "themes"


def default_theme(sense: Sense) -> str:
    """Return the theme that a terminal begins with where the user names none."""
    return SIXTEEN if sense.colours == "16" else DEFAULT


def load_palettes(folder: Path | None = None) -> tuple[dict[str, Palette], list[str]]:
    """Return the themes by name, and one line for each of the user's that could not be read."""
    themes = Themes(folder)
    return themes.palettes, themes.check()


class Themes:
    """The packaged themes and the user's, which are read again when their files change."""

    def __init__(self, folder: Path | None = None, sense: Sense = FULL) -> None:
        self._folder = user_folder() if folder is None else folder
        self._sense = sense
        packaged = {palette.name: palette.seen(sense) for palette in map(_read, _theme_files(files("themes")))}
        self._packaged = {name: packaged[name] for name in sorted(packaged, key=_rank)}
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._mine: dict[Path, Palette] = {}
        self.palettes: dict[str, Palette] = dict(self._packaged)
        """By name, in the order in which the key goes through them."""

    def check(self) -> list[str]:
        """Read what changed since the last call; return a line for each file that is broken or hard to read.

        A broken file keeps what it said when it was last whole. Costs one look at the folder, so it may be called
        every second.
        """
        stamps = {path: stamp for path in _user_files(self._folder) if (stamp := _stamp(path)) is not None}
        if stamps == self._stamps:
            return []
        changed = [path for path, stamp in stamps.items() if self._stamps.get(path) != stamp]
        self._mine = {path: palette for path, palette in self._mine.items() if path in stamps}
        self._stamps = stamps
        said = [line for path in changed if (line := self._take(path))]
        self.palettes.clear()
        self.palettes.update(self._packaged)
        self.palettes.update({palette.name: palette for palette in self._mine.values()})
        return said

    def _take(self, path: Path) -> str | None:
        try:
            palette = _read(path)
        except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
            kept = "keeps its last good colours" if path in self._mine else "skipped"
            return clean(f"theme {path.name} {kept}: {error}")
        self._mine[path] = palette.seen(self._sense)
        return clean(hard_to_read(palette) or "") or None


def to_textual(palette: Palette) -> Theme:
    """Return what Textual's own widgets need of a palette."""
    base = {name: _textual(colour) for name, colour in palette.base.items()}
    return Theme(
        name=palette.name,
        dark=palette.dark,
        ansi=palette.ansi,
        primary=base["primary"],
        accent=base["accent"],
        foreground=base["foreground"],
        background=base["background"],
        surface=base["surface"],
        panel=base["surface"],
        success=_textual(palette.roles["good"]),
        warning=_textual(palette.roles["warn"]),
        error=_textual(palette.roles["bad"]),
        variables={
            "rooftop-border": _textual(palette.roles["border"]),
            "rooftop-dim": _textual(palette.roles["dim"]),
            "rooftop-bad": _textual(palette.roles["bad"]),
            "rooftop-track": _textual(palette.roles["track"]),
        }
        | (_ansi_variables(palette) if palette.ansi else {}),
    )


def _ansi_variables(palette: Palette) -> dict[str, str]:
    """Return what Textual would else mix of two colours, which those of a terminal cannot be."""
    front, back = _textual(palette.base["foreground"]), _textual(palette.base["background"])
    accent = _textual(palette.base["accent"])
    cursors = {f"{what}-foreground": back for what in ("block-cursor", "input-cursor", "input-selection")}
    cursors |= {"block-cursor-background": accent, "input-cursor-background": front}
    grounds = {"ansi-background": back, "ansi-foreground": front, "input-selection-background": accent}
    return BUILTIN_THEMES["ansi-dark"].variables | cursors | grounds


def _textual(style: str) -> str:
    """Return the colour of a style as Textual names it: #rrggbb, or one of the terminal's own as ``ansi_red``."""
    colour = Style.parse(style).color
    assert colour is not None
    if colour.type is ColorType.TRUECOLOR:
        return colour.get_truecolor().hex
    return f"ansi_{colour.name}"


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def _theme_files(folder: Traversable) -> Iterator[Traversable]:
    return (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))


def _user_files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.toml"))
    except OSError:
        return []


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _read(source: Traversable) -> Palette:
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    name, base, roles = data.get("name"), data.get("base"), data.get("roles")
    if not isinstance(name, str) or not name:
        raise ValueError("it has no name")
    if not isinstance(base, dict) or not isinstance(roles, dict):
        raise ValueError("it needs the tables [base] and [roles]")
    return Palette(name, data.get("dark") is not False, base, roles)
