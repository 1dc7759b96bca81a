"""The set-up screen: what a session is started with, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.timer import Timer
from textual.widgets import Input

from tui.desk.keys import CHOICE_NOTE, DeskKeys
from tui.desk.ports import Form, ServerSays, Start, Texts, Trouble
from tui.desk.profiles import ProfilesDialog
from tui.desk.row import Row
from tui.desk.screen import DeskScreen
from tui.draw.clean import clean
from tui.lines import ends, fit, join, say
from tui.palette import Palette
from tui.panel import Panel
from tui.panels.text import wrap
from tui.screens.ask import TextDialog, YesNoDialog

CHECK_S = 0.3
"""After so long without a key, what is typed is checked as a whole."""
_WIDE, _NARROW = 120, 60
_HELP_LINES = 3


class _Fields(VerticalScroll, inherit_bindings=False):
    """Scrolls to the field that is edited; arrows are the screen's."""


class SetupScreen(DeskScreen):
    """A form over the command line's flags; it ends the app with :class:`Start`."""

    CSS = """
    SetupScreen #help { height: 3; }
    SetupScreen.wide #help { height: 2; }
    SetupScreen VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    SetupScreen .section { height: 1; }
    """
    NAME = "set up a session"

    def __init__(self, form: Form, palette: Palette, keys: DeskKeys, texts: Mapping[str, str], *, profile: str = "",
                 said: str = "", lists: bool = False) -> None:  # fmt: skip
        super().__init__(palette, keys, said=said)
        self.form = form
        self._profile = profile
        self._saved_as = self._kept(profile)
        self._lists = lists
        self.rows = {field.id: Row(palette, field, texts.get(field.id, "")) for field in form.fields}
        self._help = Panel(palette, id="help")
        self._here: Row | None = None
        self._models: tuple[str, ...] = ()
        self._asked: tuple[str, str] | None = None
        self._starting: Texts | None = None
        """What a session is to be started with, while that is checked."""
        self._trouble: Trouble | None = None
        self._timer: Timer | None = None

    # What is shown

    def compose(self) -> ComposeResult:
        """A title, the fields by section, help for the one that is edited, a message, the keys."""
        yield self._title
        with _Fields(can_focus=False):
            group = ""
            for row in self.rows.values():
                if row.field.group != group:
                    group = row.field.group
                    heading = Panel(self._palette)
                    heading.add_class("section")
                    heading.show((say(f"── {group} ", "title"),))
                    yield heading
                yield row
        yield self._help
        yield self._message
        yield self._bar

    def on_mount(self) -> None:
        """Begin at the first field, and see who answers there."""
        self.set_focus(next(iter(self.rows.values())).control)
        for row in self.rows.values():
            self._check(row)
        self._ask_server()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new size."""
        self.set_class(event.size.width >= _WIDE, "wide")
        self.set_class(event.size.width < _NARROW, "narrow")
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw what changed."""
        width = self.size.width
        name = self._profile and f"profile {self._profile}{'' if self._as_saved() else ' (changed)'}"
        title = join([say("rooftop", "accent"), say("set up a session")])
        self._title.show((ends(title, say(name, "value"), width),))
        self._message.show((self._said,))
        self._bar.offer(key for key in self.keys if self.offered(key.id))
        self._draw_help()

    def _draw_help(self) -> None:
        if self._here is None:
            return
        field = self._here.field
        text = f"✗ {clean(self._here.reason)}  " if self._here.reason else ""
        role = "bad" if text else "dim"
        text += field.help
        if field.choices:
            text += f" ({CHOICE_NOTE[0]}: {CHOICE_NOTE[1]})"
        elif self._offers(field.id):
            text += f" ({self.keys.first('offer')} takes one of {', '.join(map(clean, self._offers(field.id)))})"
        lines = wrap(text, self.size.width, _HELP_LINES - self.has_class("wide"))
        self._help.show(tuple(fit(say(line, role), self.size.width) for line in lines))

    def offered(self, name: str) -> bool:
        """Return whether a key does something here."""
        return name != "sessions" or self._lists

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What the help says besides the keys."""
        return (CHOICE_NOTE,)

    # What is typed

    @property
    def texts(self) -> Texts:
        """What the fields say; those that are empty are left out."""
        return {name: row.text for name, row in self.rows.items() if row.text}

    def fill(self, texts: Mapping[str, str]) -> None:
        """Put texts into the fields; the others are emptied."""
        for name, row in self.rows.items():
            row.text = texts.get(name, "")

    def on_row_changed(self, event: Row.Changed) -> None:
        """Check a field at once, and everything when the typing pauses."""
        if self._starting is not None and self._starting != self.texts:
            self._starting = None  # typed on since; what was typed before Enter may be told of after it
            self.say("")
        self._check(event.row)
        self._soon()

    def on_row_entered(self, event: Row.Entered) -> None:
        """Explain the field; the server is asked when its address has been left."""
        left, self._here = self._here, event.row
        self._draw_help()
        if left is not None and left.field.id in ("url", "api-key-env") and left is not event.row:
            self._ask_server()

    def _check(self, row: Row) -> None:
        text, name = row.text, row.field.id
        if not text:
            row.blame(None)
        elif row.field.slow:
            row.say_beside("…", "dim")
            self._beside.run(f"check-{name}", lambda: self.form.check(name, text), lambda why: self._blame(row, why))
            return
        else:
            row.blame(self.form.check(name, text))
        self._beside.forget(f"check-{name}")
        self._draw_help()

    def _blame(self, row: Row, reason: str | None) -> None:
        row.blame(reason)
        self._draw_help()

    def _soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(CHECK_S, self._check_all)

    def _check_all(self) -> None:
        texts = self.texts
        self._beside.run("all", lambda: self.form.check_all(texts), self._found)

    def _found(self, trouble: Trouble | None) -> None:
        before, self._trouble = self._trouble, trouble
        if before is not None and before.field in self.rows and (trouble is None or trouble.field != before.field):
            self._check(self.rows[before.field])
        if trouble is not None and trouble.field in self.rows:
            self._blame(self.rows[trouble.field], trouble.reason)
        if trouble is not None:
            where = f"{trouble.field.replace('-', ' ')}: " if trouble.field else ""
            self.say(f"cannot start: {where}{trouble.reason}", "bad")
            if self._starting is not None and trouble.field in self.rows:
                self.set_focus(self.rows[trouble.field].control)
        elif self._starting is not None:
            self.app.exit(Start(self.texts))
        elif before is not None:
            self.say("")
        else:
            self.draw()
        self._starting = None

    # The server

    def _ask_server(self) -> None:
        row, texts = self.rows.get("url"), self.texts
        if row is None or row.reason is not None:
            return
        asked = (texts.get("url", ""), texts.get("api-key-env", ""))
        if asked == self._asked:
            return
        self._asked = asked
        row.say_beside("asking …", "dim")
        self._beside.run("server", lambda: self.form.ask_server(texts), self._server_says)

    def _server_says(self, says: ServerSays) -> None:
        row = self.rows["url"]
        if row.reason is not None or (self.texts.get("url", ""), self.texts.get("api-key-env", "")) != self._asked:
            return
        row.say_beside(says.words if says.ok else f"– {says.words}", "good" if says.ok else "warn")
        self._models = says.models
        if (model := self.rows.get("model")) is not None:
            model.offer(says.models)
            if len(says.models) > 1 and not model.reason:
                model.say_beside(f"{self.keys.first('offer')}: {len(says.models)} to choose from", "dim")
        self._draw_help()

    def _offers(self, name: str) -> tuple[str, ...]:
        return self._models if name == "model" else self.rows[name].field.offers

    # What keys do

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Start: Enter is taken by the field before the screen sees it."""
        event.stop()
        self._start()

    def act(self, name: str) -> None:
        """Do what a key is declared to do."""
        acts: dict[str, Callable[[], object]] = {
            "start": self._start, "offer": self._next_offer, "save": self._save, "profiles": self._profiles,
            "usual": self._usual, "sessions": self._sessions, "theme": self.desk.next_theme,
            "help": self.show_help, "leave": self.desk.action_leave,
            "down": lambda: self._move(1), "up": lambda: self._move(-1),
            "section": lambda: self._section(1), "section_back": lambda: self._section(-1),
        }  # fmt: skip
        acts[name]()

    def _start(self) -> None:
        self._starting = self.texts
        self.say("checking …", "dim")
        self._check_all()

    def _move(self, by: int) -> None:
        rows = list(self.rows.values())
        here = self._focused_row()
        at = rows.index(here) if here is not None else -1
        self.set_focus(rows[(at + by) % len(rows)].control)

    def _focused_row(self) -> Row | None:
        """Return the row with the focus; the screen knows it before the row has said so."""
        return next((row for row in self.rows.values() if row.control is self.focused), None)

    def _section(self, by: int) -> None:
        firsts: dict[str, Row] = {}
        for row in self.rows.values():
            firsts.setdefault(row.field.group, row)
        groups = list(firsts)
        here = self._focused_row()
        at = groups.index(here.field.group) if here is not None else -1
        self.set_focus(firsts[groups[(at + by) % len(groups)]].control)

    def _next_offer(self) -> None:
        here = self._focused_row()
        if here is None or not (offers := self._offers(here.field.id)):
            self.say("nothing is offered for this field", "dim")
            return
        at = offers.index(here.text) if here.text in offers else -1
        here.text = offers[(at + 1) % len(offers)]

    def _usual(self) -> None:
        if (here := self._focused_row()) is not None:
            here.text = ""
            self._check(here)
            self._soon()

    def _sessions(self) -> None:
        self.app.switch_screen("sessions")

    # Profiles

    def _as_saved(self) -> bool:
        return self._saved_as is not None and self._saved_as == self.texts

    def _kept(self, name: str) -> Texts | None:
        """Return a profile as it was saved."""
        try:
            return self.form.load(name) if name else None
        except ValueError:
            return None

    def _save(self) -> None:
        texts = self.texts
        known = self.form.profiles()

        def check(name: str) -> str | None:
            return self.form.check_name(name)

        def keep(name: str | None) -> None:
            if name in known and name != self._profile:
                self.app.push_screen(
                    YesNoDialog("Replace?", [f"There is a profile {name}."], "replace it"),
                    lambda yes: self._keep(name, texts) if yes and name else None,
                )
            elif name:
                self._keep(name, texts)

        self.app.push_screen(TextDialog("Save as a profile", "its name; Enter saves, Esc does not",
                                        self._profile, check), keep)  # fmt: skip

    def _keep(self, name: str, texts: Texts) -> None:
        said = self.form.save(name, texts)
        if name in self.form.profiles():
            self._profile, self._saved_as = name, texts
        self.say(said)

    def _profiles(self) -> None:
        def chosen(found: tuple[str, str] | None) -> None:
            if found is None:
                return
            what, name = found
            if what == "load":
                self._load(name)
            else:
                self.app.push_screen(
                    YesNoDialog("Delete?", [f"The profile {name} is deleted."], "delete it"),
                    lambda yes: self.say(self.form.delete(name)) if yes else None,
                )

        self.app.push_screen(ProfilesDialog(self.form.profiles()), chosen)

    def _load(self, name: str) -> None:
        try:
            texts = self.form.load(name) if name else {}
        except ValueError as error:
            self.say(str(error), "bad")
            return
        self.fill(texts)
        self._profile, self._saved_as = name, texts
        self.say(f"loaded {name}" if name else "every field has its usual value")
        self._ask_server()
