"""The sessions screen: which recordings there are, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.widgets import Input

from session.catalogue import Entry
from tui.desk.keys import DeskKeys
from tui.desk.listing import Look, chosen, columns_for, detail, heading, listing, size, sorted_by
from tui.desk.making import Making
from tui.desk.ports import Library, Replay, Works
from tui.desk.reading import Summaries
from tui.desk.screen import DeskScreen
from tui.draw.clean import clean
from tui.lines import Line, Lines, ends, fit, join, say
from tui.palette import Palette
from tui.panel import Panel
from tui.screens.ask import TextDialog, YesNoDialog

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


class SessionsScreen(DeskScreen):
    """A list; it ends the app with :class:`Replay`."""

    CSS = """
    SessionsScreen #detail { height: 2; }
    SessionsScreen #list { height: 1fr; }
    SessionsScreen Input { border: none; height: 1; padding: 0; background: $surface; display: none; }
    SessionsScreen.filtering Input { display: block; }
    SessionsScreen.filtering #message { display: none; }
    """
    AUTO_FOCUS = ""
    NAME = "sessions"

    def __init__(self, library: Library, palette: Palette, keys: DeskKeys, *, works: Works | None = None,
                 at: Path | None = None, said: str = "", sets_up: bool = False, look_s: float = LOOK_S,
                 ) -> None:  # fmt: skip
        super().__init__(palette, keys, said=said)
        self._library = library
        self._works = works
        self._making = Making(self, works, self._beside, self.look) if works is not None else None
        self._sets_up = sets_up
        self._look_s = look_s
        self._look = Look()
        self._entries: dict[Path, Entry] = {}
        self._shown: list[Entry] = []
        self._at: Path | None = at
        self._top = 0
        self._marked: dict[Path, None] = {}
        """In the order in which they were marked: the first is what others are compared with."""
        self._detail = Panel(palette, id="detail")
        self._list = ListPanel(palette, id="list")
        self._summaries = Summaries(library)

    # What is shown

    def compose(self) -> ComposeResult:
        """A title, the list, what the chosen line has no room for, a message or the filter, the keys."""
        yield self._title
        yield self._list
        yield self._detail
        yield self._message
        hint = self.keys.fill("words of model, GPU, server, file, state …; Enter keeps, {unfilter} shows all")
        box = Input(placeholder=hint)
        box.cursor_blink = False
        yield box
        yield self._bar

    def on_mount(self) -> None:
        """Look what there is, and go on looking."""
        self.look()
        self.set_interval(self._look_s, self.look)
        self.set_interval(SHOW_S, self._take_read)

    def on_unmount(self) -> None:
        """Stop reading."""
        self._summaries.stop()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    @property
    def shown(self) -> Sequence[Entry]:
        """The entries that the filter lets through, in order."""
        return self._shown

    @property
    def here(self) -> Entry | None:
        """The entry at the cursor."""
        return self._shown[self._index()] if self._shown else None

    @property
    def writing(self) -> str | None:
        """What is being written, in words; ``None``: nothing."""
        return self._making.writing if self._making is not None else None

    def look(self) -> None:
        """Look at the folders, beside the screen."""
        self._beside.run("look", self._library.entries, self._found)

    def _found(self, entries: list[Entry]) -> None:
        self._entries = {entry.path: entry for entry in entries}
        self._marked = {path: None for path in self._marked if path in self._entries}
        self._arrange()
        self._summaries.begin([entry for entry in entries if entry.state == "…"])

    def _take_read(self) -> None:
        done = self._summaries.take()
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
        self.draw()

    def _index(self) -> int:
        return next((n for n, entry in enumerate(self._shown) if entry.path == self._at), 0)

    def _room(self) -> int:
        return max(1, self._list.size.height - 1)

    def draw(self) -> None:
        """Draw what changed."""
        width, at, room = self.size.width, self._index(), self._room()
        self._top = max(0, min(self._top, at, len(self._shown) - room), at - room + 1)
        self._title.show((ends(self._heading(), self._totals(), width),))
        lines: Lines = listing(self._shown, at, self._top, [*self._marked], self._list.size.width, room)
        if not lines:
            lines = (say(self._nothing(), "dim"),)
        blank = (fit((), width),) * (room - len(lines))
        self._list.show((heading(self._look, width), *lines, *blank))
        here = self.here
        self._detail.show(tuple(fit(line, width) for line in detail(here)) if here else ())
        self._message.show((self._said,))
        self._bar.offer(key for key in self.keys if self.offered(key.id))

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
            return self.keys.fill("nothing has these words; {unfilter} shows all")
        return "no recordings yet: every session makes one" + (
            self.keys.fill("; {new} sets one up") if self._sets_up else ""
        )

    def offered(self, name: str) -> bool:
        """Return whether a key does something here."""
        if name in ("compare", "redact", "export", "page"):
            return self._works is not None
        return name != "new" or self._sets_up

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What the help says besides the keys."""
        return (
            ("state", "ended; …: not read to its end yet; cut: it has no end"),
            ("", "live: a session is writing it; bad: it cannot be opened"),
        )

    # What keys do

    @property
    def takes_text(self) -> bool:
        """Whether the filter is typed."""
        return self.has_class("filtering")

    def act(self, name: str) -> None:
        """Do what a key is declared to do."""
        page = self._room() - 1
        acts: dict[str, Callable[[], object]] = {
            "open": self._open, "down": lambda: self.move(1), "up": lambda: self.move(-1),
            "page_down": lambda: self.move(page), "page_up": lambda: self.move(-page),
            "first": lambda: self.move(-len(self._shown)), "last": lambda: self.move(len(self._shown)),
            "filter": self._begin_filter, "unfilter": self._unfilter, "sort": self._next_sort,
            "reverse": lambda: self._sort(self._look.sort), "mark": self._mark, "compare": self._compare,
            "export": lambda: self._make("export"), "page": lambda: self._make("page"),
            "redact": lambda: self._make("redact"), "rename": self._rename, "delete": self._delete,
            "new": self._new, "theme": self.desk.next_theme, "help": self.show_help,
            "leave": self.desk.action_leave,
        }  # fmt: skip
        if self.writing is None:
            self._said = ()
        acts[name]()
        self.draw()

    def move(self, by: int) -> None:
        """Move the cursor."""
        if self._shown:
            self._at = self._shown[max(0, min(len(self._shown) - 1, self._index() + by))].path
            self.draw()

    def clicked(self, x: int, y: int, *, again: bool) -> None:
        """Go to a line of the list, or sort by the column whose name was clicked."""
        if y == 0:
            for column, at, wide in columns_for(self.size.width):
                if at <= x <= at + wide:
                    self._sort(column.name)
        elif self._top + y - 1 < len(self._shown):
            self._at = self._shown[self._top + y - 1].path
            self.draw()
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
            self.say(f"cannot open it: {here.problem}", "bad")
        else:
            self.app.exit(Replay(here.path))

    def _mark(self) -> None:
        if self.here is not None:
            if self.here.path in self._marked:
                del self._marked[self.here.path]
            else:
                self._marked[self.here.path] = None
            self.move(1)

    def _readable(self) -> list[Path]:
        """Return those that are marked and can be opened, the first that was marked first."""
        return [path for path in self._marked if self._entries[path].problem is None]

    def _compare(self) -> None:
        paths = self._readable()
        if len(paths) < 2:
            self.say(self.keys.fill("mark two or more that can be opened with {mark}, then compare"), "warn")
        elif self._works is not None:
            self.desk.compare(self._works, paths)

    def _make(self, kind: str) -> None:
        here = self.here
        if here is None or self._making is None:
            return
        if here.problem is not None:
            self.say(f"cannot open it: {here.problem}", "bad")
        else:
            self._making.ask(kind, (self._readable() or [here.path]) if kind == "page" else [here.path])

    def _new(self) -> None:
        self.app.switch_screen("setup")

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

    def on_input_submitted(self) -> None:
        """Keep the filter: what Enter does there, whatever key opens a recording."""
        self._end_filter()

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
                self.say(why or f"renamed to {name}", "bad" if why else "accent")
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
            self.say(f"{live[0].path.name} is being written; it is not deleted", "warn")
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
        self.say(problems[0] if problems else f"deleted {gone} recording{'' if gone == 1 else 's'}",
                  "bad" if problems else "accent")  # fmt: skip
        self._marked.clear()
        self.look()
