from __future__ import annotations

import os
import re
from importlib.resources import files
from pathlib import Path

import pytest
from rich.color import ColorSystem

from tests.tui.helpers import app_of, shown
from tui.contrast import contrast, hard_to_read, luminance
from tui.palette import ROLES, Palette
from tui.sense import Sense
from tui.theming import Themes, default_theme, load_palettes, to_textual, user_folder

LIMITS = ("memory", "compute", "communication", "latency", "overhead")
PALETTES = load_palettes(Path("/nonexistent"))[0]


VGA = {
    "#000000": "#000000", "#800000": "#aa0000", "#008000": "#00aa00", "#808000": "#aa5500",
    "#000080": "#0000aa", "#800080": "#aa00aa", "#008080": "#00aaaa", "#c0c0c0": "#aaaaaa",
    "#808080": "#555555", "#ff0000": "#ff5555", "#00ff00": "#55ff55", "#ffff00": "#ffff55",
    "#0000ff": "#5555ff", "#ff00ff": "#ff55ff", "#00ffff": "#55ffff", "#ffffff": "#ffffff",
}  # fmt: skip
"""The sixteen colours as a Linux console shows them, by what Rich takes them for."""


def seen(palette: Palette, role: str) -> str:
    colour = palette.colour(role)
    return VGA[colour] if palette.ansi else colour


def dark_toml() -> str:
    return (files("themes") / "dark.toml").read_text()


def test_the_packaged_themes_are_there_in_order() -> None:
    names = ["rooftop-dark", "rooftop-light", "rooftop-high-contrast", "rooftop-okabe-ito", "rooftop-16"]
    assert list(PALETTES) == names


@pytest.mark.parametrize("name", list(PALETTES))
def test_every_role_can_be_read_on_its_ground(name: str) -> None:
    palette = PALETTES[name]
    for role in set(ROLES) - {"ink", "track", "border"}:
        assert contrast(seen(palette, role), seen(palette, "background")) >= 4.4, role
    for role in (*LIMITS, "banner", "bad"):
        assert contrast(seen(palette, "ink"), seen(palette, role)) >= 4.4, role
    assert hard_to_read(palette) is None


def test_luminance_and_contrast_are_those_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert luminance("#ff0000") == pytest.approx(0.2126)


def test_a_users_theme_that_is_hard_to_read_says_so(tmp_path: Path) -> None:
    text = re.sub(r'dim = "[^"]*"', 'dim = "#20262c"', dark_toml().replace("rooftop-dark", "mine"))
    (tmp_path / "mine.toml").write_text(text)
    palettes, warnings = load_palettes(tmp_path)
    assert "mine" in palettes
    assert warnings == ["theme mine: hard to read, contrast below 3: dim 1.2"]


def test_the_theme_of_sixteen_colours_names_them_alone() -> None:
    palette = PALETTES["rooftop-16"]
    assert palette.ansi
    assert to_textual(palette).background == "ansi_black"
    assert default_theme(Sense("16")) == "rooftop-16"
    assert {default_theme(Sense(colours)) for colours in ("truecolor", "256", "none")} == {"rooftop-dark"}


@pytest.mark.parametrize("name", list(PALETTES))
def test_sixteen_colours_keep_text_on_its_ground(name: str) -> None:
    palette = PALETTES[name]
    ground = palette.style("text").bgcolor
    assert ground is not None
    paper = ground.downgrade(ColorSystem.STANDARD)
    fronts = {}
    for role in set(ROLES) - {"ink", "track", "border"}:
        colour = palette.style(role).color
        assert colour is not None
        fronts[role] = colour.downgrade(ColorSystem.STANDARD)
        assert fronts[role].number != paper.number, role
    assert fronts["memory"].number != fronts["compute"].number


def test_mixed_and_unknown_roles_have_a_style() -> None:
    palette = PALETTES["rooftop-dark"]
    mixed = palette.style("memory/compute")
    assert mixed.color == palette.style("memory").color
    assert mixed.bgcolor == palette.style("compute").color
    assert palette.style("no-such-role") == palette.style("also-none")


def test_a_users_theme_is_added(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(dark_toml().replace("rooftop-dark", "mine"))
    palettes, warnings = load_palettes(tmp_path)
    assert "mine" in palettes
    assert not warnings
    assert to_textual(palettes["mine"]).name == "mine"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name = [broken", "skipped"),
        ("", "no name"),
        ('name = "x"', "tables"),
        ('name = "x"\n[base]\n[roles]\n', "no colour for background"),
        (re.sub(r'memory = "[^"]*"', 'memory = "plaid"', dark_toml()), "plaid"),
        (re.sub(r"\nmemory = .*", "", dark_toml()), "memory"),
    ],
)
def test_a_broken_theme_is_one_line_and_skipped(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "broken.toml").write_text(text)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder.toml").mkdir()
    palettes, warnings = load_palettes(tmp_path)
    assert list(palettes) == list(PALETTES)
    assert len(warnings) == 3
    assert any(reason in line for line in warnings)
    assert not any("\n" in line for line in warnings)


def test_a_palette_says_what_is_missing() -> None:
    with pytest.raises(ValueError, match="background"):
        Palette("x", True, {}, {})


def test_the_users_folder_is_rooftops() -> None:
    assert user_folder().parts[-2:] == ("rooftop", "themes")


def save(path: Path, text: str, at: int) -> None:
    path.write_text(text)
    os.utime(path, ns=(at, at))


def test_a_theme_is_read_again_when_it_is_saved_and_a_broken_one_keeps_its_last_good_colours(tmp_path: Path) -> None:
    path, text = tmp_path / "mine.toml", dark_toml().replace("rooftop-dark", "mine")
    themes = Themes(tmp_path)
    assert themes.check() == []
    save(path, text, 1)
    assert themes.check() == []
    first = themes.palettes["mine"]
    assert themes.check() == []
    assert themes.palettes["mine"] is first
    save(path, text.replace("#7c8793", "#8c97a3"), 2)
    assert themes.check() == []
    assert themes.palettes["mine"].colour("dim") == "#8c97a3"
    save(path, "name = [", 3)
    (line,) = themes.check()
    assert line.startswith("theme mine.toml keeps its last good colours: ")
    assert themes.palettes["mine"].colour("dim") == "#8c97a3"
    assert themes.check() == []
    path.unlink()
    themes.check()
    assert "mine" not in themes.palettes


async def test_the_screen_puts_a_saved_theme_on(tmp_path: Path) -> None:
    path, text = tmp_path / "mine.toml", dark_toml().replace("rooftop-dark", "mine")
    save(path, text, 1)
    app = app_of(theme="mine", folder=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        save(path, text.replace("#161c22", "#101418").replace("#7c8793", "#8c97a3"), 2)
        app.look_at_themes()
        await pilot.pause()
        assert app.board.panel("tiles").palette.colour("dim") == "#8c97a3"
        assert app.current_theme.surface == "#101418"
        app.draw()
        assert "theme mine read again" in shown(app, "message")
        save(path, "broken", 3)
        app.look_at_themes()
        app.draw()
        await pilot.pause()
        assert "mine.toml keeps its last good colours" in shown(app, "message")
        assert app.board.panel("tiles").palette.colour("dim") == "#8c97a3"
