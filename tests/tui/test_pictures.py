"""The pictures of the documentation: one of every view, all made by the script, and the screen as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui.views.registry import VIEWS

ROOT = Path(__file__).parents[2]
SHOTS = dict(re.findall(r"^shot (\w+) (.*)$", (ROOT / "scripts" / "pictures.sh").read_text(), re.MULTILINE))


def words(name: str) -> str:
    """What is written in a picture."""
    svg = (ROOT / "docs" / "pictures" / f"{name}.svg").read_text()
    return " ".join(re.findall(r">([^<]*)</text>", svg)).replace("&#160;", " ")


@pytest.mark.parametrize("name", list(SHOTS))
def test_a_picture_is_there_and_shown_somewhere(name: str) -> None:
    assert "REPLAY" in words(name)
    assert "reading the recording" not in words(name)
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    assert any(f"pictures/{name}.svg" in page.read_text() for page in pages)
    assert (ROOT / "docs" / "pictures" / f"{name}.svg").stat().st_size < 170_000


def test_every_svg_is_made_by_the_script() -> None:
    assert {path.stem for path in (ROOT / "docs" / "pictures").glob("*.svg")} == set(SHOTS)


def test_every_view_has_a_picture_in_its_section() -> None:
    text = (ROOT / "docs" / "screen.md").read_text()
    for number, view in enumerate(VIEWS.values(), 1):
        section = text.split(f"### {number} {view.title}\n")[1].split("\n##")[0]
        name = re.findall(r"pictures/(\w+)\.svg", section)[0]
        assert f"[{number} {view.title}]" in words(name)
