"""Every key, declared once: the bindings, the footer, the help and the palette are made of this."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """What a key does. Texts hold no square brackets: Textual's palette reads those as markup."""

    id: str
    keys: tuple[str, ...]
    """Names as Textual knows them."""
    show: str
    """How the keys are written."""
    label: str
    """For the footer; empty: not in the footer."""
    help: str
    """For the help; empty: not in the help."""
    group: str
    where: str = "both"
    """``live``, ``replay`` or ``both``."""
    palette: bool = True


KEYS: tuple[Key, ...] = (
    Key("double", ("right_square_bracket",), "]", "double", "double the load; from 0 to 1", "Load", "live"),
    Key("halve", ("left_square_bracket",), "[", "halve", "halve the load; from 1 to 0", "Load", "live"),
    Key("more", ("up", "plus"), "↑ +", "+1", "one more in flight, or a second", "Load", "live"),
    Key("less", ("down", "minus"), "↓ -", "-1", "one less in flight, or a second", "Load", "live"),
    Key("digit", tuple("0123456789"), "0-9 ⏎", "set", "type it; Enter sets, Esc ends", "Load", "live", palette=False),
    Key("enter", ("enter",), "⏎", "", "", "Load", "live", palette=False),
    Key("erase", ("backspace",), "⌫", "", "", "Load", "live", palette=False),
    Key("cancel", ("escape",), "Esc", "", "", "Load", "live", palette=False),
    Key("pause", ("space",), "space", "stop", "stop the load, and resume it", "Load", "live"),
    Key("closed", ("c",), "c", "closed", "closed loop: so many in flight", "Load", "live"),
    Key("open", ("o",), "o", "open", "open loop: so many a second", "Load", "live"),
    Key("lengths", ("l",), "l", "lengths", "tokens of prompt and output", "Load", "live"),
    Key("note", ("m",), "m", "note", "put a note into the recording", "Load", "live"),
    Key("play", ("space",), "space", "play", "play and pause", "Replay", "replay"),
    Key("back", ("left",), "←", "-5 s", "5 s back", "Replay", "replay"),
    Key("ahead", ("right",), "→", "+5 s", "5 s ahead", "Replay", "replay"),
    Key("far_back", ("shift+left",), "⇧←", "", "30 s back", "Replay", "replay"),
    Key("far_ahead", ("shift+right",), "⇧→", "", "30 s ahead", "Replay", "replay"),
    Key("start", ("home",), "Home", "", "to the start", "Replay", "replay"),
    Key("end", ("end",), "End", "", "to the end", "Replay", "replay"),
    Key("slower", ("comma",), ",", "slower", "half the speed", "Replay", "replay"),
    Key("faster", ("full_stop",), ".", "faster", "twice the speed", "Replay", "replay"),
    Key("freeze", ("f",), "f", "freeze", "freeze the view, not the run", "View"),
    Key("chart", ("v",), "v", "chart", "chart: time, load, roofline", "View"),
    Key("span", ("z",), "z", "span", "span: 2 min, 10 min, 1 h, all", "View"),
    Key("theme", ("t",), "t", "theme", "next theme", "View"),
    Key("shot", ("ctrl+s",), "^s", "", "save the screen as SVG", "View"),
    Key("palette", ("ctrl+p",), "^p", "", "all commands by name", "View", palette=False),
    Key("help", ("question_mark",), "?", "help", "this help", "View"),
    Key("setup", ("S",), "S", "", "end this; set up another", "View"),
    Key("quit", ("q",), "q", "quit", "quit", "View"),
)


def keys_for(*, replay: bool) -> tuple[Key, ...]:
    """Return the keys that do something here."""
    unused = "live" if replay else "replay"
    return tuple(key for key in KEYS if key.where != unused)
