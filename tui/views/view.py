"""What a view is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tui.layout import Place
from tui.lines import Block
from tui.scene import Scene

Paint = Callable[[Scene, int, int], Block]
"""A panel: what it says in a scene, with so many cells and lines inside its frame."""
Arrange = Callable[[int, int, Scene], tuple[Place, ...]]


def _no_list(scene: Scene) -> int:
    del scene
    return 0


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a session; its key is the one of its name in ``tui.keys``."""

    name: str
    title: str
    arrange: Arrange
    """Places of the panels in a body of so many cells and lines, whose upper left corner is (0, 0)."""
    panels: Mapping[str, Paint] = field(default_factory=dict)
    """The panels that it brings, by name; it may place those of other views too."""
    order: tuple[str, ...] = ()
    """Its panels in the order in which a key maximises them; those too that a small screen has no place for."""
    listing: str | None = None
    """The panel whose rows can be chosen and scrolled."""
    rows: Callable[[Scene], int] = _no_list
    """How many rows that panel has in all."""
    columns: tuple[str, ...] = ()
    """Names of the columns that its rows can be sorted by, in the order in which a key goes through them."""
    from_end: bool = True
    """Whether the last row is chosen at first, and followed as rows are added; else the first."""
    spans: bool = False
    """Whether it shows a stretch of time, of a length that the user chooses."""
