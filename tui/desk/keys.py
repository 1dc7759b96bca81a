"""The keys of the set-up screen, of the list of sessions and of comparisons, declared as those of the board are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from textual.binding import Binding
from textual.screen import Screen

from tui.keynames import is_character, written
from tui.keys import names_of


@dataclass(frozen=True, slots=True)
class DeskKey:
    """What a key does."""

    id: str
    """Its name in the table of the user's configuration."""
    keys: tuple[str, ...]
    """Names as Textual knows them."""
    show: str
    """How the keys are written."""
    label: str
    """For the line of keys; empty: not there."""
    help: str
    typing: bool = False
    """It is meant while a text is typed too: no character can be its key."""


SETUP_KEYS: tuple[DeskKey, ...] = tuple(
    replace(key, typing=True)
    for key in (
        DeskKey("start", ("ctrl+r", "enter"), "⏎ ^r", "start", "start a session with these values"),
        DeskKey("down", ("down", "tab"), "↓ Tab", "", "next field"),
        DeskKey("up", ("up", "shift+tab"), "↑ ⇧Tab", "", "field before"),
        DeskKey("section", ("pagedown",), "PgDn", "", "next section"),
        DeskKey("section_back", ("pageup",), "PgUp", "", "section before"),
        DeskKey("offer", ("ctrl+n",), "^n", "", "next of what the field or the server offers"),
        DeskKey("usual", ("ctrl+y",), "^y", "", "the field's usual value"),
        DeskKey("save", ("ctrl+s",), "^s", "save", "save the values as a profile"),
        DeskKey("profiles", ("ctrl+o",), "^o", "profiles", "load or delete a profile"),
        DeskKey("sessions", ("ctrl+l",), "^l", "sessions", "the list of recorded sessions"),
        DeskKey("theme", ("ctrl+t",), "^t", "", "next theme"),
        DeskKey("help", ("f1",), "F1", "help", "this help"),
        DeskKey("leave", ("escape",), "Esc", "leave", "leave"),
    )
)
CHOICE_NOTE = ("← → space", "change a choice")

SESSIONS_KEYS: tuple[DeskKey, ...] = (
    DeskKey("open", ("enter",), "⏎", "open", "open the recording: its replay", typing=True),
    DeskKey("down", ("down", "j"), "↓ j", "", "next"),
    DeskKey("up", ("up", "k"), "↑ k", "", "the one before"),
    DeskKey("page_down", ("pagedown", "ctrl+f"), "PgDn", "", "a page on"),
    DeskKey("page_up", ("pageup", "ctrl+b"), "PgUp", "", "a page back"),
    DeskKey("first", ("home", "g"), "Home g", "", "to the first"),
    DeskKey("last", ("end", "G"), "End G", "", "to the last"),
    DeskKey("filter", ("slash",), "/", "filter", "show those that have these words"),
    DeskKey("sort", ("s",), "s", "sort", "sort by the next column"),
    DeskKey("reverse", ("S",), "S", "", "sort the other way round"),
    DeskKey("mark", ("space",), "space", "mark", "mark it, and go on"),
    DeskKey("compare", ("c",), "c", "compare", "compare those that are marked, with the first of them"),
    DeskKey("export", ("e",), "e", "export", "write it in another tool's format"),
    DeskKey("page", ("p",), "p", "page", "an HTML page of it, or of those that are marked"),
    DeskKey("redact", ("x",), "x", "redact", "a copy without hosts, addresses, notes and ids"),
    DeskKey("rename", ("r",), "r", "rename", "rename it"),
    DeskKey("delete", ("d", "delete"), "d", "delete", "delete it, or those that are marked"),
    DeskKey("new", ("n",), "n", "new", "set up a new session"),
    DeskKey("theme", ("t",), "t", "", "next theme"),
    DeskKey("unfilter", ("escape",), "Esc", "", "end the filter, then the marks", typing=True),
    DeskKey("help", ("question_mark", "f1"), "?", "help", "this help"),
    DeskKey("leave", ("q",), "q", "quit", "quit"),
)

COMPARE_KEYS: tuple[DeskKey, ...] = (
    DeskKey("down", ("down", "j"), "↓ j", "", "down"),
    DeskKey("up", ("up", "k"), "↑ k", "", "up"),
    DeskKey("right", ("right", "l"), "→ l", "", "columns further right"),
    DeskKey("left", ("left", "h"), "← h", "", "columns further left"),
    DeskKey("page_down", ("pagedown", "ctrl+f", "space"), "PgDn", "", "a page on"),
    DeskKey("page_up", ("pageup", "ctrl+b"), "PgUp", "", "a page back"),
    DeskKey("first", ("home", "g"), "Home g", "", "to the top, and to the first column"),
    DeskKey("last", ("end", "G"), "End G", "", "to the end"),
    DeskKey("base", ("b",), "b", "base", "hold them against the next recording"),
    DeskKey("all", ("a",), "a", "all figures", "all figures, and the usual ones again"),
    DeskKey("theme", ("t",), "t", "theme", "next theme"),
    DeskKey("help", ("question_mark", "f1"), "?", "help", "this help"),
    DeskKey("leave", ("escape", "q"), "Esc", "back", "back to the list"),
)
DECLARED: Mapping[str, tuple[DeskKey, ...]] = {
    "setup": SETUP_KEYS,
    "sessions": SESSIONS_KEYS,
    "compare": COMPARE_KEYS,
}
"""By the name of their table: ``[keys.setup]``."""
_EDITS = frozenset({"left", "right", "backspace", "delete", "home", "end"})
"""Keys that a field needs itself."""


class DeskKeys:
    """The keys of one screen: as declared, but for what the user has bound otherwise."""

    def __init__(self, declared: Sequence[DeskKey], wanted: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Take names of keys by id; see :func:`rebind` for those of a user."""
        wanted = wanted or {}
        self._keys = tuple(_bound(key, wanted[key.id]) if key.id in wanted else key for key in declared)
        self._place = re.compile("{(" + "|".join(key.id for key in declared) + ")}")

    def __iter__(self) -> Iterator[DeskKey]:
        return iter(self._keys)

    def first(self, name: str) -> str:
        """Return how the key of an id is written that is named where there is room for one."""
        key = next(key for key in self._keys if key.id == name)
        return key.show.split()[0]

    def fill(self, text: str) -> str:
        """Return a text of the program with ``{id}`` replaced by the first key of that id."""
        return self._place.sub(lambda found: self.first(found[1]), text)

    def put_on(self, screen: Screen[None]) -> None:
        """Bind them to a screen, in place of what Textual binds there.

        The screen gets every key before a field does, and at once, so that of keys that come in one packet each goes
        where it belongs; those that a field takes itself are another action, which the screen can turn off.
        """
        for key in self._keys:
            for name in key.keys:
                action = f"{'typed' if _types(name) else 'press'}('{key.id}')"
                screen._bindings.key_to_bindings[name] = [Binding(name, action, key.label, show=False, priority=True)]


def rebind(tables: Mapping[str, Mapping[str, object]]) -> tuple[dict[str, DeskKeys], list[str]]:
    """Return the keys of every screen with the user's tables applied, and a line for each entry that cannot be."""
    found: dict[str, DeskKeys] = {}
    wrong: list[str] = []
    for name, declared in DECLARED.items():
        wanted, said = _wanted(declared, tables.get(name, {}))
        found[name] = DeskKeys(declared, wanted)
        wrong += [f"[keys.{name}] {line}; the usual key stays" for line in said]
    return found, wrong


def _wanted(declared: Sequence[DeskKey], table: Mapping[str, object]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    by_id = {key.id: key for key in declared}
    wanted: dict[str, tuple[str, ...]] = {}
    wrong: list[str] = []
    for name, value in table.items():
        try:
            if name not in by_id:
                raise ValueError("there is no such name; docs/sessions.md lists them")
            names = names_of(value)
            if by_id[name].typing and (lost := [key for key in names if _types(key)]):
                raise ValueError(f"{written(lost[0])} is typed into fields")
            wanted[name] = names
        except ValueError as error:
            wrong.append(f"{name}: {error}")
    while clash := _clash(declared, wanted):
        mine, other, key = clash
        del wanted[mine]
        wrong.append(f"{mine}: {written(key)} is {other}'s")
    return wanted, wrong


def _types(name: str) -> bool:
    """Whether a field takes a key itself."""
    return name in _EDITS or is_character(name)


def _clash(declared: Sequence[DeskKey], wanted: Mapping[str, Collection[str]]) -> tuple[str, str, str] | None:
    """Return an id that the user bound, another on the same key, and the key."""
    for mine in reversed(list(wanted)):
        for other in declared:
            if other.id != mine and (shared := set(wanted[mine]) & set(wanted.get(other.id, other.keys))):
                return mine, other.id, min(shared)
    return None


def _bound(key: DeskKey, names: tuple[str, ...]) -> DeskKey:
    return replace(key, keys=names, show=" ".join(map(written, names)))
