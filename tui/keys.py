"""Every key, declared once: what is bound, the footer, the help and the palette are made of this."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass

from tui.keynames import parse_key, written

RESERVED = ("ctrl+c", "ctrl+q")
"""They always quit, whatever else is bound, and from dialogs too."""
_SUSPENDS = "ctrl+z"
ALIASES = {"set_up": "setup"}
"""A table cannot hold both a key ``setup`` and the table ``[keys.setup]`` of that screen's own keys."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a key does. Texts hold no square brackets: Textual's palette reads those as markup."""

    id: str
    """Its name in the table ``[keys]`` of the user's configuration."""
    keys: tuple[str, ...]
    """Names as Textual knows them, where the user gave no others."""
    label: str
    """For the footer; empty: not in the footer."""
    help: str
    """For the help; empty: not in the help."""
    group: str
    where: str = "both"
    """``live``, ``replay`` or ``both``."""
    when: str = ""
    """Empty: always; else a state in which it goes before others: ``list``, ``sort`` (views with a list, and with one
    that can be sorted), ``time`` (views of a stretch of time), the name of a view, ``past`` (the screen shows an
    earlier instant of a running session), and before all ``typing``, while a load is typed. Of several, what is
    declared first."""
    palette: bool = True


TIME = "Time"
"""The group of keys that go through a recording, or through what is recorded of a running session."""

KEYS: tuple[Key, ...] = (
    Key("double", ("right_square_bracket",), "double", "double the load; from 0 to 1", "Load", "live"),
    Key("halve", ("left_square_bracket",), "halve", "halve the load; from 1 to 0", "Load", "live"),
    Key("more", ("up", "plus", "k"), "+1", "one more (in flight, or /s)", "Load", "live"),
    Key("less", ("down", "minus", "j"), "-1", "one less (in flight, or /s)", "Load", "live"),
    Key("type", ("equals_sign",), "set", "type the load", "Load", "live"),
    Key("digit", tuple("0123456789"), "", "", "Load", "live", "typing", palette=False),
    Key("enter", ("enter",), "", "set what was typed", "Load", "live", "typing", palette=False),
    Key("erase", ("backspace",), "", "", "Load", "live", "typing", palette=False),
    Key("cancel", ("escape",), "", "type no more", "Load", "live", "typing", palette=False),
    Key("pause", ("space",), "stop", "stop the load, and resume it", "Load", "live"),
    Key("closed", ("c",), "closed", "closed loop: keep so many", "Load", "live"),
    Key("open", ("o",), "open", "open loop: so many a second", "Load", "live"),
    Key("workload", ("w",), "lengths", "tokens of prompt and output", "Load", "live"),
    Key("note", ("m",), "note", "a note into the recording", "Load", "live"),
    Key("play", ("space",), "play", "play and pause", TIME, "replay"),
    Key("roll", ("p",), "", "play and pause; live: the past", TIME),
    Key("back", ("left", "h"), "back", "1 s back; faster while held", TIME),
    Key("ahead", ("right", "l"), "ahead", "1 s ahead; faster while held", TIME),
    Key("far_back", ("shift+left", "H"), "", "30 s back", TIME),
    Key("far_ahead", ("shift+right", "L"), "", "30 s ahead", TIME),
    Key("level_back", ("left_curly_bracket",), "", "to the level before", TIME),
    Key("level_ahead", ("right_curly_bracket",), "level", "to the next level", TIME),
    Key("event_back", ("N",), "", "to the note or trouble before", TIME),
    Key("event_ahead", ("n",), "event", "to the next note or trouble", TIME),
    Key("jump", ("g",), "go to", "to a time: 1:23, 83s, 50%", TIME),
    Key("start", ("home",), "", "to the start", TIME),
    Key("end", ("end",), "", "to the end", TIME, "replay"),
    Key("present", ("end", "escape"), "live", "from the past to the present", TIME, "live", "past"),
    Key("slower", ("comma",), "slower", "half the speed", TIME),
    Key("faster", ("full_stop",), "faster", "twice the speed", TIME),
    Key("overview", ("1",), "", "Overview: everything at once", "Views"),
    Key("requests", ("2",), "", "Requests: latency, errors", "Views"),
    Key("gpus", ("3",), "", "GPUs: each of them", "Views"),
    Key("regime", ("4",), "", "Regime: what a step waits for", "Views"),
    Key("levels", ("5",), "", "Levels: all levels of load", "Views"),
    Key("events", ("6",), "", "Events: what happened", "Views"),
    Key("next_view", ("tab",), "", "next view", "Views"),
    Key("last_view", ("shift+tab",), "", "the view before", "Views"),
    Key("maximise", ("x",), "large", "a panel large, then the next", "Views"),
    Key("restore", ("escape",), "", "all panels again", "Views"),
    Key("row_up", ("k",), "", "a row up", "Lists", when="list"),
    Key("row_down", ("j",), "next row", "a row down", "Lists", when="list"),
    Key("choose_up", ("up",), "", "a row up, too", "Lists", "replay", "list", palette=False),
    Key("choose_down", ("down",), "", "a row down, too", "Lists", "replay", "list", palette=False),
    Key("page_up", ("pageup",), "", "a page up", "Lists", when="list"),
    Key("page_down", ("pagedown",), "", "a page down", "Lists", when="list"),
    Key("first_row", ("home",), "", "to the first row", "Lists", when="list"),
    Key("last_row", ("end",), "", "to the last, and follow it", "Lists", when="list"),
    Key("sort", ("s",), "sort", "sort by the next column", "Lists", when="sort"),
    Key("turn", ("S",), "", "sort the other way round", "Lists", when="sort"),
    Key("freeze", ("f",), "freeze", "freeze the view, not the run", "Screen"),
    Key("chart", ("v",), "chart", "chart: time, load, roofline", "Screen", when="overview"),
    Key("span", ("z",), "span", "span: 2 min, 10 min, 1 h, all", "Screen", when="time"),
    Key("theme", ("t",), "theme", "next theme", "Screen"),
    Key("shot", ("ctrl+s",), "", "save the screen as SVG", "Screen"),
    Key("palette", ("ctrl+p",), "", "all commands by name", "Screen", palette=False),
    Key("help", ("question_mark",), "help", "this help", "Screen"),
    Key("setup", ("ctrl+n",), "", "end this; set up another", "Screen"),
    Key("quit", ("q",), "quit", "quit", "Screen"),
)
BY_ID = {key.id: key for key in KEYS}
_PLACE = re.compile("{(" + "|".join(BY_ID) + ")}")


def keys_for(*, replay: bool) -> tuple[Key, ...]:
    """Return the keys that do something here."""
    unused = "live" if replay else "replay"
    return tuple(key for key in KEYS if key.where != unused)


class Keymap:
    """Which keys are bound to what: as declared, but for what the user has bound otherwise."""

    def __init__(self, rebound: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Take the names of keys by id; see :func:`rebind` for those of a user."""
        self._keys = {key.id: (rebound or {}).get(key.id, key.keys) for key in KEYS}

    def keys_of(self, name: str) -> tuple[str, ...]:
        """Return the keys of an id, as Textual names them."""
        return self._keys[name]

    def written(self, name: str) -> str:
        """Return the keys of an id as they are written."""
        return "0-9" if name == "digit" else " ".join(map(written, self._keys[name]))

    def first(self, name: str) -> str:
        """Return the key of an id that is named where there is room for one."""
        return "0-9" if name == "digit" else written(self._keys[name][0])

    def fill(self, text: str) -> str:
        """Return a text of the program with ``{id}`` replaced by the first key of that id."""
        return _PLACE.sub(lambda found: self.first(found[1]), text)

    def find(self, pressed: str, states: Set[str], *, replay: bool) -> Key | None:
        """Return what a key means in these states of the screen."""
        bound = [key for key in KEYS if pressed in self._keys[key.id] and (not key.when or key.when in states)]
        here = [key for key in bound if key in keys_for(replay=replay)]
        # In a replay the load's keys are known, and said to be off.
        return min(here or (bound if replay else []), key=_precedence, default=None)


def _precedence(key: Key) -> int:
    return 0 if key.when == "typing" else 1 if key.when else 2


def rebind(table: Mapping[str, object]) -> tuple[Keymap, list[str]]:
    """Return the keys with a user's table ``[keys]`` applied, and one line for each entry that cannot be."""
    wanted: dict[str, tuple[str, ...]] = {}
    wrong: list[str] = []
    for name, value in table.items():
        try:
            wanted[_known(name)] = names_of(value)
        except ValueError as error:
            wrong.append(f"[keys] {name}: {error}; the usual key stays")
    while clash := _clash(wanted):
        mine, other, key = clash
        del wanted[mine]
        wrong.append(f"[keys] {mine}: {written(key)} is {other}'s; the usual key stays")
    return Keymap(wanted), wrong


def _known(name: str) -> str:
    name = ALIASES.get(name, name)
    if name not in BY_ID or BY_ID[name].id == "digit":
        raise ValueError("there is no such name; docs/screen.md lists them")
    return name


def names_of(value: object) -> tuple[str, ...]:
    """Return the keys of one entry, a text or a list of texts; raise ``ValueError`` where they cannot be bound."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not given or not all(isinstance(text, str) for text in given):
        raise ValueError("a key or a list of keys is needed")
    names = tuple(dict.fromkeys(parse_key(text) for text in given))
    if taken := [name for name in names if name in (*RESERVED, _SUSPENDS)]:
        raise ValueError(f"{written(taken[0])} cannot be bound")
    return names


def _clash(wanted: Mapping[str, tuple[str, ...]]) -> tuple[str, str, str] | None:
    """Return an id that the user bound, another on the same key where both would be meant, and the key."""
    keymap = Keymap(wanted)
    for mine in reversed(list(wanted)):
        for other in KEYS:
            if other.id != mine and _meet(BY_ID[mine], other):
                shared = set(keymap.keys_of(mine)) & set(keymap.keys_of(other.id))
                if shared := shared - (set(BY_ID[mine].keys) & set(other.keys)):  # j and k mean two things as declared
                    return mine, other.id, min(shared)
    return None


def _meet(one: Key, other: Key) -> bool:
    """Whether two keys can be meant at the same time; what is typed goes before all others."""
    if {one.where, other.where} == {"live", "replay"}:
        return False
    return (one.when == "typing") == (other.when == "typing")
