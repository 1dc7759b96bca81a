"""The main screen: panels by name, placed by the layout and drawn from a scene."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from textual import events
from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.screen import Screen
from textual.widget import Widget

from tui.draw.frame import framed
from tui.layout import Place
from tui.lines import Lines
from tui.palette import Palette
from tui.panel import Panel
from tui.panels.start import is_start
from tui.scene import Scene
from tui.views.registry import PAINTS, VIEWS, arrange

_WHEEL_ROWS = 3


class Hand(Protocol):
    """What keys and mouse do; the application."""

    def press(self, pressed: str) -> bool:
        """Do what a key means; return whether it means anything."""
        ...

    def click(self, x: int, y: int) -> None:
        """Do what a click on a cell means."""

    def scroll(self, rows: int) -> None:
        """Move through the view's list."""


def paint(place: Place, scene: Scene) -> Lines:
    """Return the lines of one panel, frame and all."""
    inside = place.frame.inside(place.width, place.height)
    return framed(PAINTS[place.panel](scene, *inside), place.width, place.height, place.frame)


class BoardLayout(Layout):
    """Puts panels where ``tui.layout`` says; a panel without a place is not drawn."""

    name = "board"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Place the panels and draw them at their new size, so that no frame shows old lines."""
        del greedy
        assert isinstance(parent, Board)
        places = parent.place_panels(size)
        return [
            WidgetPlacement(Region(place.x, place.y, place.width, place.height), NULL_OFFSET, Spacing(), child)
            for child in children
            if (place := places.get(child.id or "")) is not None
        ]


class Board(Screen[None]):
    """One view at a time, between header and footer."""

    CSS = "Board { overflow: hidden; }"

    def __init__(self, palette: Palette, scene: Scene, hand: Hand) -> None:
        super().__init__()
        self._hand = hand
        self._palette = palette
        self._scene = scene
        self._shape: tuple[object, ...] | None = None
        self._places: dict[str, Place] = {}
        self._panels = {name: Panel(palette, id=name) for name in PAINTS}
        self._board_layout = BoardLayout()

    @property
    def layout(self) -> Layout:
        """Always our own."""
        return self._board_layout

    def compose(self) -> ComposeResult:
        """Every panel exists from the start."""
        yield from self._panels.values()

    @property
    def places(self) -> dict[str, Place]:
        """Which panels are on the screen, and where."""
        return self._places

    def panel(self, name: str) -> Panel:
        """Return a panel, shown or not."""
        return self._panels[name]

    def on_key(self, event: events.Key) -> None:
        """Do what a key means; nothing else hears of it then."""
        if self._hand.press(event.key):
            event.stop()
            event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        """Do what a click means."""
        self._hand.click(int(event.screen_x), int(event.screen_y))

    def on_mouse_scroll_up(self) -> None:
        """Move up in the view's list."""
        self._hand.scroll(-_WHEEL_ROWS)

    def on_mouse_scroll_down(self) -> None:
        """Move down in the view's list."""
        self._hand.scroll(_WHEEL_ROWS)

    def page(self) -> int:
        """Return how many rows of the view's list are on the screen."""
        listing = VIEWS[self._scene.look.view].listing
        place = self._places.get(listing or "")
        return max(1, place.frame.inside(place.width, place.height)[1] - 2) if place else 1

    def show(self, scene: Scene, only: Collection[str] = PAINTS) -> None:
        """Draw a scene, or some of its panels; what did not change is not sent."""
        self._scene = scene
        if self._shape_of(scene) != self._shape:
            # A widget's own refresh keeps its cached arrangement; a child's clears its parents'.
            self._panels["header"].refresh(layout=True)
            return
        for name, place in self._places.items():
            if name in only:
                self._panels[name].show(paint(place, scene))

    def recolour(self, palette: Palette) -> None:
        """Draw with another theme."""
        for panel in self._panels.values():
            panel.recolour(palette)

    def place_panels(self, size: Size) -> dict[str, Place]:
        """Place and draw the panels for a size of the screen."""
        scene = self._scene
        self._shape = self._shape_of(scene)
        places = arrange(size.width, size.height, scene)
        self._places = {place.panel: place for place in places}
        for place in places:
            self._panels[place.panel].show(paint(place, scene))
        return self._places

    @staticmethod
    def _shape_of(scene: Scene) -> tuple[object, ...]:
        """What the layout depends on, besides the size."""
        snap, look = scene.snapshot, scene.look
        wound = scene.tape is not None
        return len(snap.gpus), len(snap.levels), is_start(scene), scene.chart, look.view, look.large, wound
