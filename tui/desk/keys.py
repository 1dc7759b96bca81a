"""The keys of the set-up screen and of the list of sessions, declared as those of the board are."""

from __future__ import annotations

from collections.abc import Container, Iterable

from textual.binding import Binding

from tui.keys import Key

SETUP_KEYS: tuple[Key, ...] = (
    Key("start", ("ctrl+r", "enter"), "⏎ ^r", "start", "start a session with these values", "Set-up"),
    Key("down", ("down", "tab"), "↓ Tab", "", "next field", "Set-up", palette=False),
    Key("up", ("up", "shift+tab"), "↑ ⇧Tab", "", "field before", "Set-up", palette=False),
    Key("section", ("pagedown",), "PgDn", "", "next section", "Set-up", palette=False),
    Key("section_back", ("pageup",), "PgUp", "", "section before", "Set-up", palette=False),
    Key("offer", ("ctrl+n",), "^n", "", "next of what the field or the server offers", "Set-up"),
    Key("usual", ("ctrl+y",), "^y", "", "the field's usual value", "Set-up"),
    Key("save", ("ctrl+s",), "^s", "save", "save the values as a profile", "Set-up"),
    Key("profiles", ("ctrl+o",), "^o", "profiles", "load or delete a profile", "Set-up"),
    Key("sessions", ("ctrl+l",), "^l", "sessions", "the list of recorded sessions", "Set-up"),
    Key("theme", ("ctrl+t",), "^t", "", "next theme", "Set-up"),
    Key("help", ("f1",), "F1", "help", "this help", "Set-up"),
    Key("leave", ("escape",), "Esc", "leave", "leave", "Set-up"),
)
CHOICE_NOTE = ("← → space", "change a choice")

SESSIONS_KEYS: tuple[Key, ...] = (
    Key("open", ("enter",), "⏎", "open", "open the recording: its replay", "Sessions"),
    Key("down", ("down", "j"), "↓ j", "", "next", "Sessions", palette=False),
    Key("up", ("up", "k"), "↑ k", "", "the one before", "Sessions", palette=False),
    Key("page_down", ("pagedown", "ctrl+f"), "PgDn", "", "a page on", "Sessions", palette=False),
    Key("page_up", ("pageup", "ctrl+b"), "PgUp", "", "a page back", "Sessions", palette=False),
    Key("first", ("home", "g"), "Home g", "", "to the first", "Sessions", palette=False),
    Key("last", ("end", "G"), "End G", "", "to the last", "Sessions", palette=False),
    Key("filter", ("slash",), "/", "filter", "show those that have these words; Esc: all", "Sessions"),
    Key("sort", ("s",), "s", "sort", "sort by the next column", "Sessions"),
    Key("reverse", ("S",), "S", "", "sort the other way round", "Sessions"),
    Key("mark", ("space",), "space", "mark", "mark it, and go on", "Sessions"),
    Key("compare", ("c",), "c", "compare", "compare those that are marked", "Sessions"),
    Key("redact", ("x",), "x", "redact", "write a copy without hosts, URLs and notes", "Sessions"),
    Key("rename", ("r",), "r", "rename", "rename it", "Sessions"),
    Key("delete", ("d", "delete"), "d", "delete", "delete it, or those that are marked", "Sessions"),
    Key("new", ("n",), "n", "new", "set up a new session", "Sessions"),
    Key("theme", ("t",), "t", "", "next theme", "Sessions"),
    Key("unfilter", ("escape",), "Esc", "", "end the filter, then the marks", "Sessions", palette=False),
    Key("help", ("question_mark", "f1"), "?", "help", "this help", "Sessions"),
    Key("leave", ("q",), "q", "quit", "quit", "Sessions"),
)


def bindings(keys: Iterable[Key], first: Container[str] | None = None) -> list[Binding]:
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
