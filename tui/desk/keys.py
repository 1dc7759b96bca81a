"""The keys of the set-up screen and of the list of sessions, declared as those of the board are."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class DeskKey:
    """What a key does."""

    id: str
    keys: tuple[str, ...]
    """Names as Textual knows them."""
    show: str
    """How the keys are written."""
    label: str
    """For the line of keys; empty: not there."""
    help: str
    group: str
    palette: bool = True


SETUP_KEYS: tuple[DeskKey, ...] = (
    DeskKey("start", ("ctrl+r", "enter"), "⏎ ^r", "start", "start a session with these values", "Set-up"),
    DeskKey("down", ("down", "tab"), "↓ Tab", "", "next field", "Set-up", palette=False),
    DeskKey("up", ("up", "shift+tab"), "↑ ⇧Tab", "", "field before", "Set-up", palette=False),
    DeskKey("section", ("pagedown",), "PgDn", "", "next section", "Set-up", palette=False),
    DeskKey("section_back", ("pageup",), "PgUp", "", "section before", "Set-up", palette=False),
    DeskKey("offer", ("ctrl+n",), "^n", "", "next of what the field or the server offers", "Set-up"),
    DeskKey("usual", ("ctrl+y",), "^y", "", "the field's usual value", "Set-up"),
    DeskKey("save", ("ctrl+s",), "^s", "save", "save the values as a profile", "Set-up"),
    DeskKey("profiles", ("ctrl+o",), "^o", "profiles", "load or delete a profile", "Set-up"),
    DeskKey("sessions", ("ctrl+l",), "^l", "sessions", "the list of recorded sessions", "Set-up"),
    DeskKey("theme", ("ctrl+t",), "^t", "", "next theme", "Set-up"),
    DeskKey("help", ("f1",), "F1", "help", "this help", "Set-up"),
    DeskKey("leave", ("escape",), "Esc", "leave", "leave", "Set-up"),
)
CHOICE_NOTE = ("← → space", "change a choice")

SESSIONS_KEYS: tuple[DeskKey, ...] = (
    DeskKey("open", ("enter",), "⏎", "open", "open the recording: its replay", "Sessions"),
    DeskKey("down", ("down", "j"), "↓ j", "", "next", "Sessions", palette=False),
    DeskKey("up", ("up", "k"), "↑ k", "", "the one before", "Sessions", palette=False),
    DeskKey("page_down", ("pagedown", "ctrl+f"), "PgDn", "", "a page on", "Sessions", palette=False),
    DeskKey("page_up", ("pageup", "ctrl+b"), "PgUp", "", "a page back", "Sessions", palette=False),
    DeskKey("first", ("home", "g"), "Home g", "", "to the first", "Sessions", palette=False),
    DeskKey("last", ("end", "G"), "End G", "", "to the last", "Sessions", palette=False),
    DeskKey("filter", ("slash",), "/", "filter", "show those that have these words; Esc: all", "Sessions"),
    DeskKey("sort", ("s",), "s", "sort", "sort by the next column", "Sessions"),
    DeskKey("reverse", ("S",), "S", "", "sort the other way round", "Sessions"),
    DeskKey("mark", ("space",), "space", "mark", "mark it, and go on", "Sessions"),
    DeskKey("compare", ("c",), "c", "compare", "compare those that are marked", "Sessions"),
    DeskKey("redact", ("x",), "x", "redact", "write a copy without hosts, URLs and notes", "Sessions"),
    DeskKey("rename", ("r",), "r", "rename", "rename it", "Sessions"),
    DeskKey("delete", ("d", "delete"), "d", "delete", "delete it, or those that are marked", "Sessions"),
    DeskKey("new", ("n",), "n", "new", "set up a new session", "Sessions"),
    DeskKey("theme", ("t",), "t", "", "next theme", "Sessions"),
    DeskKey("unfilter", ("escape",), "Esc", "", "end the filter, then the marks", "Sessions", palette=False),
    DeskKey("help", ("question_mark", "f1"), "?", "help", "this help", "Sessions"),
    DeskKey("leave", ("q",), "q", "quit", "quit", "Sessions"),
)


def bindings(keys: Iterable[DeskKey], first: Container[str] | None = None) -> list[Binding]:
    """Return what Textual wants of a declaration.

    ``first``: ids of keys that the screen gets before the field with the focus (``None``: all), so that what is typed
    right after a key that moves the focus goes where it belongs, even where both come in one packet.
    """
    return [
        Binding(
            name,
            f"press('{key.id}')",
            key.label,
            show=False,
            priority=first is None or key.id in first,
            id=f"{key.group.lower()}.{key.id}.{name}",
        )
        for key in keys
        for name in key.keys
    ]
