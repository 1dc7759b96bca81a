from __future__ import annotations

import pytest

from tui.sense import Sense, sense

UTF8 = {"LANG": "en_GB.UTF-8"}


@pytest.mark.parametrize(
    ("environ", "colours"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "tmux-256color", "COLORTERM": "24bit"}, "truecolor"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "screen-256color", "TMUX": "/tmp/x"}, "256"),
        ({"TERM": "screen.xterm-256color", "STY": "1.x", "COLORTERM": "truecolor"}, "256"),
        ({"TERM": "screen", "STY": "1.x", "COLORTERM": "truecolor"}, "16"),
        ({"TERM": "screen", "TMUX": "/tmp/x", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "screen"}, "16"),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, "16"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "alacritty"}, "truecolor"),
        ({"TERM": "xterm-kitty"}, "truecolor"),
        ({"TERM": "xterm-direct"}, "truecolor"),
        ({"TERM": "vt220"}, "none"),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, "none"),
        ({}, "none"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256"),
    ],
)
def test_colours_are_told_from_the_environment(environ: dict[str, str], colours: str) -> None:
    assert sense(UTF8 | environ).colours == colours


@pytest.mark.parametrize(
    ("environ", "coerced", "ascii_only"),
    [
        ({"LANG": "en_GB.UTF-8"}, False, False),
        ({"LANG": "C.utf8"}, False, False),
        ({"LANG": "C"}, False, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False, False),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "POSIX"}, False, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False, True),
        ({"LC_CTYPE": "C.UTF-8"}, True, False),
        ({}, False, False),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, False, True),
        ({"LANG": "C.UTF-8", "TERM": "vt100"}, False, True),
    ],
)
def test_ascii_is_told_from_locale_and_terminal(environ: dict[str, str], coerced: bool, ascii_only: bool) -> None:
    assert sense({"TERM": "xterm"} | environ, coerced=coerced).ascii is ascii_only


def test_ascii_can_be_asked_for() -> None:
    assert sense(UTF8 | {"TERM": "xterm-256color"}, ascii_only=True) == Sense("256", ascii=True)
