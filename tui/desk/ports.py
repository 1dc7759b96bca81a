"""What the desk's screens need from outside, as protocols; the command line and tests fill them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

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
class Hooks:
    """What can be done with recordings besides; ``None``: not offered."""

    compare: bool = False
    """Whether marked recordings can be compared; the app ends with :class:`Compare`."""
    redact: Callable[[Path], str] | None = None
    """Write a copy without names of hosts, URLs and notes; return a line about it."""


@dataclass(frozen=True, slots=True)
class Start:
    """The user wants a session."""

    texts: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replay:
    """The user wants to see a recording."""

    path: Path


@dataclass(frozen=True, slots=True)
class Compare:
    """The user wants to see recordings beside each other."""

    paths: tuple[Path, ...]


Wish = Start | Replay | Compare
"""What the desk ends with."""
