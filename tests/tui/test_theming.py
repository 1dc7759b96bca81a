from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from rich.color import ColorSystem

from tui.palette import ROLES, Palette
from tui.theming import load_palettes, to_textual, user_folder

LIMITS = ("memory", "compute", "communication", "latency", "overhead")
PALETTES = load_palettes(Path("/nonexistent"))[0]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def dark_toml() -> str:
    return (files("themes") / "dark.toml").read_text()


def test_the_packaged_themes_are_there_in_order() -> None:
    assert list(PALETTES)[:3] == ["rooftop-dark", "rooftop-light", "rooftop-high-contrast"]


@pytest.mark.parametrize("name", list(PALETTES))
def test_every_role_can_be_read_on_its_ground(name: str) -> None:
    palette = PALETTES[name]
    for role in set(ROLES) - {"ink", "track", "border"}:
        assert contrast(palette.colour(role), palette.base["background"]) >= 4.4, role
    for role in (*LIMITS, "banner", "bad"):
        assert contrast(palette.colour("ink"), palette.colour(role)) >= 4.4, role


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
