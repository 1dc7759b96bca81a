"""The sessions screen: which recordings there are, and what can be done with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input

from session.catalogue import Entry
from tui.desk.background import Background, Done
from tui.desk.keybar import KeyBar
from tui.desk.keys import SESSIONS_KEYS, bindings
from tui.desk.listing import Look, chosen, columns_for, detail, heading, listing, size, sorted_by
from tui.desk.ports import Compare, Hooks, Library, Replay
from tui.draw.clean import clean
from tui.lines import Line, Lines, ends, fit, join, say
from tui.palette import Palette
from tui.panel import Panel
from tui.screens.ask import TextDialog, YesNoDialog
from tui.screens.keyhelp import KeyHelp

LOOK_S = 5.0
"""The folders are looked at again after so long."""
SHOW_S = 0.25
"""Recordings that were read are shown together, so many seconds apart."""
_WHEEL = 3


class ListPanel(Panel):
    """The list, for the mouse."""

    def on_click(self, event: events.Click) -> None:
        """Go to the line, or sort by the column; a second click opens."""
        assert isinstance(self.screen, SessionsScreen)
        self.screen.clicked(event.x, event.y, again=event.chain > 1)

    def on_mouse_scroll_down(self) -> None:
        """Go on."""
        assert isinstance(self.screen, SessionsScreen)
        self.screen.move(_WHEEL)

    def on_mouse_scroll_up(self) -> None:
        """Go back."""
        assert isinstance(self.screen, SessionsScreen)
        self.screen.move(-_WHEEL)


class SessionsScreen(Screen[None]):
    """A list; it ends the app with :class:`Replay` or :class:`Compare`."""

    CSS = """
    SessionsScreen #title, SessionsScreen #message, SessionsScreen #keys { height: 1; }
    SessionsScreen #detail { height: 2; }
    SessionsScreen #list { height: 1fr; }
    SessionsScreen Input { border: none; height: 1; padding: 0; background: $surface; display: none; }
    SessionsScreen.filtering Input { display: block; }
    SessionsScreen.filtering #message { display: none; }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(SESSIONS_KEYS, ("filter", "open", "unfilter"))]

    def __init__(self, library: Library, palette: Palette, *, hooks: Hooks | None = None, at: Path | None = None,
                 said: str = "", sets_up: bool = False, look_s: float = LOOK_S) -> None:  # fmt: skip
        super().__init__()
        self._library = library
        self._palette = palette
        self._hooks = hooks or Hooks()
        self._sets_up = sets_up
        self._look_s = look_s
        self._look = Look()
        self._entries: dict[Path, Entry] = {}
        self._shown: list[Entry] = []
        self._at: Path | None = at
        self._top = 0
        self._marked: set[Path] = set()
        self._said: Line = say(clean(said), "accent")
        names = ("title", "detail", "message")
        self._title, self._detail, self._message = (Panel(palette, id=name) for name in names)
        self._list = ListPanel(palette, id="list")
        self._keys = KeyBar(palette, id="keys")
        self._beside = Background(self)
        self._stop = threading.Event()
        self._reading: threading.Thread | None = None
        self._read: list[Entry] = []
        self._lock = threading.Lock()

    # What is shown

    def compose(self) -> ComposeResult:
        """A title, the list, what the chosen line has no room for, a message or the filter, the keys."""
        yield self._title
        yield self._list
        yield self._detail
        yield self._message
        box = Input(placeholder="words of model, GPU, server, file, state …; Enter keeps, Esc shows all")
        box.cursor_blink = False
        yield box
        yield self._keys

    def on_mount(self) -> None:
        """Look what there is, and go on looking."""
        self.look()
        self.set_interval(self._look_s, self.look)
        self.set_interval(SHOW_S, self._take_read)

    def on_unmount(self) -> None:
        """Stop reading."""
        self._stop.set()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self._draw)

    def recolour(self, palette: Palette) -> None:
        """Draw with another theme."""
        self._palette = palette
        for panel in self.query(Panel):
            panel.recolour(palette)

    @property
    def shown(self) -> Sequence[Entry]:
        """The entries that the filter lets through, in order."""
        return self._shown

    @property
    def here(self) -> Entry | None:
        """The entry at the cursor."""
        return self._shown[self._index()] if self._shown else None

    def look(self) -> None:
        """Look at the folders, beside the screen."""
        self._beside.run("look", self._library.entries, self._found)

    def _found(self, entries: list[Entry]) -> None:
        self._entries = {entry.path: entry for entry in entries}
        self._marked &= self._entries.keys()
        self._arrange()
        self._begin_reading()

    def _begin_reading(self) -> None:
        """Sum up what nobody has read yet, the smallest first, one at a time."""
        waiting = [e for e in self._entries.values() if e.state == "…"]
        if not waiting or (self._reading is not None and self._reading.is_alive()):
            return
        waiting.sort(key=lambda entry: entry.size_bytes)

        def work() -> None:
            for entry in waiting:
                if self._stop.is_set():
                    return
                done = self._library.summarise(entry, self._stop.is_set)
                with self._lock:
                    self._read.append(done)

        self._reading = threading.Thread(target=work, daemon=True, name="desk-summaries")
        self._reading.start()

    def _take_read(self) -> None:
        with self._lock:
            done, self._read = self._read, []
        for entry in done:
            if entry.path in self._entries:
                self._entries[entry.path] = entry
        if done:
            self._arrange()

    def _arrange(self) -> None:
        before = self._index()
        self._shown = chosen(list(self._entries.values()), self._look)
        if self._shown and self._at not in {entry.path for entry in self._shown}:
            self._at = self._shown[min(before, len(self._shown) - 1)].path
        self._draw()

    def _index(self) -> int:
        return next((n for n, entry in enumerate(self._shown) if entry.path == self._at), 0)

    def _room(self) -> int:
        return max(1, self._list.size.height - 1)

    def _draw(self) -> None:
        width, at, room = self.size.width, self._index(), self._room()
        self._top = max(0, min(self._top, at, len(self._shown) - room), at - room + 1)
        self._title.show((ends(self._heading(), self._totals(), width),))
        lines: Lines = listing(self._shown, at, self._top, self._marked, self._list.size.width, room)
        if not lines:
            lines = (say(self._nothing(), "dim"),)
        blank = (fit((), width),) * (room - len(lines))
        self._list.show((heading(self._look, width), *lines, *blank))
        here = self.here
        self._detail.show(tuple(fit(line, width) for line in detail(here)) if here else ())
        self._message.show((self._said,))
        self._keys.offer(key for key in SESSIONS_KEYS if self._offered(key.id))

    def _heading(self) -> Line:
        return join([
            say("rooftop", "accent"),
            say("sessions"),
            say(f"/{clean(self._look.filter)}", "accent") if self._look.filter else (),
            say(f"{len(self._marked)} marked", "warn") if self._marked else (),
        ])  # fmt: skip

    def _totals(self) -> Line:
        unread = sum(entry.state == "…" for entry in self._entries.values())
        count = f"{len(self._shown)} of {len(self._entries)}" if self._look.filter else f"{len(self._entries)}"
        total = size(sum(entry.size_bytes for entry in self._shown))
        return join(
            [
                say(f"reading {unread}" if unread else "", "dim"),
                say(f"{count} recording{'' if count == '1' else 's'}, {total}B", "dim"),
            ]
        )

    def _nothing(self) -> str:
        if self._look.filter:
            return "nothing has these words; Esc shows all"
        return "no recordings yet: every session makes one" + ("; n sets one up" if self._sets_up else "")

    def _say(self, text: str, role: str = "accent") -> None:
        self._said = say(clean(text), role)
        self._draw()

    def _offered(self, name: str) -> bool:
        return {
            "compare": self._hooks.compare,
            "redact": self._hooks.redact is not None,
            "new": self._sets_up,
        }.get(name, True)

    def on_done(self, event: Done) -> None:
        """Take the result of what was done beside the screen."""
        event.deliver()

    # What keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A slash that is typed into the filter is part of it."""
        return not (action == "press" and parameters[0] == "filter" and self.has_class("filtering"))

    def on_key_bar_clicked(self, event: KeyBar.Clicked) -> None:
        """A key's name at the bottom does what the key does."""
        self.action_press(event.key)

    def action_press(self, name: str) -> None:
        """Do what a key is declared to do."""
        if not self._offered(name):
            return
        page = self._room() - 1
        acts: dict[str, Callable[[], object]] = {
            "open": self._open, "down": lambda: self.move(1), "up": lambda: self.move(-1),
            "page_down": lambda: self.move(page), "page_up": lambda: self.move(-page),
            "first": lambda: self.move(-len(self._shown)), "last": lambda: self.move(len(self._shown)),
            "filter": self._begin_filter, "unfilter": self._unfilter, "sort": self._next_sort,
            "reverse": lambda: self._sort(self._look.sort), "mark": self._mark, "compare": self._compare,
            "redact": self._redact, "rename": self._rename, "delete": self._delete, "new": self._new,
            "theme": self._theme, "help": self._help, "leave": self.app.exit,
        }  # fmt: skip
        self._said = ()
        acts[name]()
        self._draw()

    def move(self, by: int) -> None:
        """Move the cursor."""
        if self._shown:
            self._at = self._shown[max(0, min(len(self._shown) - 1, self._index() + by))].path
            self._draw()

    def clicked(self, x: int, y: int, *, again: bool) -> None:
        """Go to a line of the list, or sort by the column whose name was clicked."""
        if y == 0:
            for column, at, wide in columns_for(self.size.width):
                if at <= x <= at + wide:
                    self._sort(column.name)
        elif self._top + y - 1 < len(self._shown):
            self._at = self._shown[self._top + y - 1].path
            self._draw()
            if again:
                self._open()

    def _open(self) -> None:
        if self.has_class("filtering"):
            self._end_filter()
            return
        here = self.here
        if here is None:
            return
        if here.problem is not None:
            self._say(f"cannot open it: {here.problem}", "bad")
        else:
            self.app.exit(Replay(here.path))

    def _mark(self) -> None:
        if self.here is not None:
            self._marked ^= {self.here.path}
            self.move(1)

    def _compare(self) -> None:
        paths = [entry.path for entry in self._shown if entry.path in self._marked and entry.problem is None]
        if len(paths) < 2:
            self._say("mark two or more that can be opened with space, then compare", "warn")
        else:
            self.app.exit(Compare(tuple(paths)))

    def _redact(self) -> None:
        here, redact = self.here, self._hooks.redact
        if here is None or redact is None or here.problem is not None:
            return
        self._say("writing a copy …", "dim")
        path = here.path

        def then(said: str) -> None:
            self._say(said)
            self.look()

        self._beside.run("redact", lambda: redact(path), then)

    def _new(self) -> None:
        self.app.switch_screen("setup")

    def _theme(self) -> None:
        self.app.action_next_theme()  # type: ignore[attr-defined]

    def _help(self) -> None:
        keys = [key for key in SESSIONS_KEYS if self._offered(key.id)]
        notes = (("state", "ended; cut: it has no end; live: being written; bad: it cannot be opened"),)
        self.app.push_screen(KeyHelp(self._palette, "rooftop: sessions", keys, notes))

    # Sorting and filtering

    def _next_sort(self) -> None:
        names = [column.name for column, _, _ in columns_for(self.size.width)]
        at = names.index(self._look.sort) if self._look.sort in names else -1
        self._sort(names[(at + 1) % len(names)])

    def _sort(self, name: str) -> None:
        self._look = sorted_by(self._look, name)
        self._arrange()

    def _begin_filter(self) -> None:
        self.add_class("filtering")
        box = self.query_one(Input)
        box.value = self._look.filter
        self.set_focus(box)

    def _end_filter(self) -> None:
        self.remove_class("filtering")
        self.set_focus(None)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        self._look = replace(self._look, filter=event.value.strip())
        self._arrange()

    def _unfilter(self) -> None:
        if self._look.filter or self.has_class("filtering"):
            self.query_one(Input).value = ""
            self._look = replace(self._look, filter="")
            self._end_filter()
            self._arrange()
        else:
            self._marked.clear()

    # What changes files

    def _rename(self) -> None:
        here = self.here
        if here is None:
            return

        def then(name: str | None) -> None:
            if name and name != here.path.stem:
                why = self._library.rename(here, name)
                self._say(why or f"renamed to {name}", "bad" if why else "accent")
                if why is None:
                    self._at = here.path.with_name(name.removesuffix(here.path.suffix) + here.path.suffix)
                self.look()

        self.app.push_screen(
            TextDialog("Rename", "in its folder; Enter renames, Esc does not", here.path.stem,
                       lambda name: None if name and "/" not in name else "a name without '/' is needed"),
            then,
        )  # fmt: skip

    def _delete(self) -> None:
        marked = [entry for entry in self._shown if entry.path in self._marked]
        doomed = marked or ([self.here] if self.here is not None else [])
        if live := [entry for entry in doomed if entry.writing]:
            self._say(f"{live[0].path.name} is being written; it is not deleted", "warn")
            return
        if not doomed:
            return
        names = [entry.path.name for entry in doomed[:5]]
        more = [f"and {len(doomed) - 5} more"] if len(doomed) > 5 else []
        title = "Delete this recording?" if len(doomed) == 1 else f"Delete {len(doomed)} recordings?"
        lines = [*names, *more, f"{size(sum(entry.size_bytes for entry in doomed))}B. This cannot be undone."]
        self.app.push_screen(YesNoDialog(title, lines, "delete"), lambda yes: self._deleted(doomed) if yes else None)

    def _deleted(self, doomed: Sequence[Entry]) -> None:
        problems = [why for entry in doomed if (why := self._library.delete(entry)) is not None]
        gone = len(doomed) - len(problems)
        self._say(problems[0] if problems else f"deleted {gone} recording{'' if gone == 1 else 's'}",
                  "bad" if problems else "accent")  # fmt: skip
        self._marked.clear()
        self.look()
