"""What a person sees of a mistake of the program's own, and where there is no terminal."""

from __future__ import annotations

import argparse
import sys

import pytest

import rooftop.cli
from rooftop.__main__ import main
from rooftop.terminal import cannot_draw, sense_of, terminal_words
from tui.sense import Sense


def broken() -> int:
    raise ValueError("no\x1b[31m\nsuch thing")


@pytest.mark.parametrize("debug", [False, True])
def test_a_mistake_is_one_line_unless_more_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], debug: bool
) -> None:
    monkeypatch.setattr(sys, "argv", ["rooftop", "report", "x"])
    monkeypatch.setattr(rooftop.cli, "main", broken)
    monkeypatch.setenv("ROOFTOP_DEBUG", "1" if debug else "")
    assert main() == 1
    said = capsys.readouterr().err
    assert "rooftop: failed: ValueError: no [31m such thing (test_crash.py:" in said
    assert ("Traceback" in said) is debug
    assert debug or said.count("\n") == 1


def test_a_browser_is_a_terminal_with_all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TERM", raising=False)
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    assert cannot_draw("replay") == "replay needs a terminal"
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    assert cannot_draw() is None
    assert sense_of(argparse.Namespace(ascii=False)) == Sense()


def test_the_doctor_names_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("TERM", "screen-256color")
    assert terminal_words() == "screen-256color, 256 colours"
    monkeypatch.setenv("TERM", "linux")
    assert terminal_words() == "linux, 16 colours, ASCII alone"
