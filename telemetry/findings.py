"""What a check of this machine or a server found: a line each, with the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "absent", "problem"]
"""``ok``: it is there. ``absent``: it is not, and that may be as it should. ``problem``: see to it."""
MARKS: dict[State, str] = {"ok": "ok", "absent": "–", "problem": "!"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    state: State
    text: str
    way: str | None = None
    """What to do about it."""

    @property
    def line(self) -> str:
        """The line as people read it."""
        return f"{MARKS[self.state]:>2}  {self.name:<14}{self.text}" + (f"; {self.way}" if self.way else "")
