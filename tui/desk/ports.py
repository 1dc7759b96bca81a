"""What the desk's screens need from outside, as protocols; the command line and tests fill them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from results.compare.rows import Row
from session.catalogue import Entry

Texts = dict[str, str]
"""What is typed, by the field's id; a field that is left empty has its default."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the set-up screen. Its id is the flag of the command line that says the same."""

    id: str
    group: str
    help: str
    default: str = ""
    choices: tuple[str, ...] = ()
    """It takes one of these, and nothing else."""
    offers: tuple[str, ...] = ()
    """Some of what it takes."""
    slow: bool = False
    """Its check reads a file."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a session cannot start as it is typed."""

    reason: str
    field: str | None = None
    """Whose fault it is, where one can be named."""


@dataclass(frozen=True, slots=True)
class ServerSays:
    """What a server answered."""

    words: str
    ok: bool
    models: tuple[str, ...] = ()


class Form(Protocol):
    """The fields, what they take, and what is kept of them."""

    @property
    def fields(self) -> Sequence[Field]:
        """In the order in which they are shown."""
        ...

    def check(self, name: str, text: str) -> str | None:
        """Return why a field does not take a text; may read a file where the field is slow."""
        ...

    def check_all(self, texts: Mapping[str, str]) -> Trouble | None:
        """Check everything as the command line does; may read files."""
        ...

    def ask_server(self, texts: Mapping[str, str]) -> ServerSays:
        """Ask the server that the fields name who it is; takes up to some seconds."""
        ...

    def profiles(self) -> list[str]:
        """Return the names of what was saved."""
        ...

    def check_name(self, name: str) -> str | None:
        """Return why a profile cannot be called so."""
        ...

    def load(self, name: str) -> Texts:
        """Return a profile; raise ``ValueError`` with a line for the user."""
        ...

    def save(self, name: str, texts: Mapping[str, str]) -> str:
        """Keep a profile; return what there is to say of it, one line."""
        ...

    def delete(self, name: str) -> str:
        """Delete a profile; return what there is to say of it, one line."""
        ...


class Library(Protocol):
    """The recordings."""

    def entries(self) -> list[Entry]:
        """Look what there is; quick."""
        ...

    def summarise(self, entry: Entry, stop: Callable[[], bool]) -> Entry:
        """Read a whole recording; slow. Called on a thread; ends early, with the entry as it is, where asked to."""
        ...

    def rename(self, entry: Entry, name: str) -> str | None:
        """Give a recording another name in its folder; return why that cannot be."""
        ...

    def delete(self, entry: Entry) -> str | None:
        """Delete a recording; return why that cannot be."""
        ...


@dataclass(frozen=True, slots=True)
class Compared:
    """Recordings beside each other, as text."""

    names: tuple[str, ...]
    """The first is what the others are held against."""
    headings: tuple[str, ...]
    """Of the figures, with their units."""
    rows: tuple[Row, ...]
    """Level by level; none where no level of one is in another."""
    crossings: tuple[str, ...] = ()
    """A line each."""
    alone: tuple[str, ...] = ()
    """Levels that are not compared, a line each."""
    facts: tuple[tuple[str, str], ...] = ()
    """Name and what was run, for each recording."""


class Stopped(Exception):
    """Nobody waits for it any more."""


Watch = Callable[[str], None]
"""Is told how far a slow piece of work is; raises :class:`Stopped` where it is to end."""


class Comparing(Protocol):
    """Recordings that were read to be compared."""

    def table(self, base: int, *, everything: bool, watch: Watch) -> Compared:
        """Hold them against one of them, with all figures or the usual ones; takes seconds."""
        ...


class Works(Protocol):
    """What can be made of recordings. Raises ``ValueError`` with a line for the user."""

    @property
    def formats(self) -> Mapping[str, str]:
        """What it can be exported to, and what each is."""
        ...

    def read(self, paths: Sequence[Path], watch: Watch) -> Comparing:
        """Read recordings to compare them; slow."""
        ...

    def suggested(self, kind: str, path: Path) -> str:
        """Return a name for what is made: of ``page``, ``redact`` or a format."""
        ...

    def refused(self, path: Path, name: str) -> str | None:
        """Return why what is made of a recording cannot have a name; a bare name lies beside the recording."""
        ...

    def make(self, kind: str, paths: Sequence[Path], name: str) -> str:
        """Write a page, a copy or an export; return a line about it. Slow, and never over a file that is there."""
        ...


@dataclass(frozen=True, slots=True)
class Start:
    """The user wants a session."""

    texts: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replay:
    """The user wants to see a recording."""

    path: Path


Wish = Start | Replay
"""What the desk ends with."""
