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


TIME = "Time"
"""The group of keys that go through a recording, or through what is recorded of a running session."""

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
    Key("play", ("space",), "space", "play", "play and pause", TIME, "replay"),
    Key("roll", ("p",), "p", "", "play and pause; live: the past", TIME),
    Key("back", ("left",), "←", "back", "1 s back; held: faster and faster", TIME),
    Key("ahead", ("right",), "→", "ahead", "1 s ahead; held: faster and faster", TIME),
    Key("far_back", ("shift+left",), "⇧←", "", "30 s back", TIME),
    Key("far_ahead", ("shift+right",), "⇧→", "", "30 s ahead", TIME),
    Key("level_back", ("left_curly_bracket",), "{", "", "to the level before", TIME),
    Key("level_ahead", ("right_curly_bracket",), "}", "level", "to the next level", TIME),
    Key("event_back", ("N",), "N", "", "to the note or trouble before", TIME),
    Key("event_ahead", ("n",), "n", "event", "to the next note or trouble", TIME),
    Key("jump", ("g",), "g", "go to", "to a time: 1:23, 83s, 1h2m, 50%", TIME),
    Key("start", ("home",), "Home", "", "to the start", TIME),
    Key("end", ("end",), "End", "", "to the end", TIME, "replay"),
    Key("present", ("end",), "End", "live", "back to the present; Esc too", TIME, "live"),
    Key("slower", ("comma",), ",", "slower", "half the speed", TIME),
    Key("faster", ("full_stop",), ".", "faster", "twice the speed", TIME),
    Key("freeze", ("f",), "f", "freeze", "freeze the view, not the run", "View"),
    Key("chart", ("v",), "v", "chart", "chart: time, load, roofline", "View"),
    Key("span", ("z",), "z", "span", "span: 2 min, 10 min, 1 h, all", "View"),
    Key("theme", ("t",), "t", "theme", "next theme", "View"),
    Key("shot", ("ctrl+s",), "^s", "", "save the screen as SVG", "View"),
    Key("palette", ("ctrl+p",), "^p", "", "all commands by name", "View", palette=False),
    Key("help", ("question_mark",), "?", "help", "this help", "View"),
    Key("quit", ("q",), "q", "quit", "quit", "View"),
)


def shadowed(*, replay: bool) -> frozenset[str]:
    """Return the ids of keys that give way: those of replays while live, and live ones that a replay uses otherwise."""
    theirs = frozenset(key for key in KEYS if key.where == "replay")
    if not replay:
        return frozenset(key.id for key in theirs)
    names = {name for key in theirs for name in key.keys}
    return frozenset(key.id for key in KEYS if key.where == "live" and names & set(key.keys))


def keys_for(*, replay: bool) -> tuple[Key, ...]:
    """Return the keys that do something here."""
    unused = "live" if replay else "replay"
    return tuple(key for key in KEYS if key.where != unused)
