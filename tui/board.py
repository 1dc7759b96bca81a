"""The main screen: panels by name, placed by the layout and drawn from a scene."""

from __future__ import annotations

from collections.abc import Callable, Collection

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.screen import Screen
from textual.widget import Widget

from tui.draw.frame import framed
from tui.layout import Place, arrange, arrange_wound
from tui.lines import Block, Lines
from tui.palette import Palette
from tui.panel import Panel
from tui.panels.footer import footer
from tui.panels.gpus import gpus
from tui.panels.header import header
from tui.panels.latency import latency
from tui.panels.levelchart import levelchart
from tui.panels.levels import levels
from tui.panels.log import log
from tui.panels.message import message
from tui.panels.progress import progress
from tui.panels.roofline import roofline_chart
from tui.panels.server import server
from tui.panels.small import small
from tui.panels.tiles import tiles
from tui.panels.timechart import timechart
from tui.panels.verdict import verdict
from tui.scene import Scene

PAINTS: dict[str, Callable[[Scene, int, int], Block]] = {
    "header": header,
    "tiles": tiles,
    "verdict": verdict,
    "latency": latency,
    "time": timechart,
    "level": levelchart,
    "roofline": roofline_chart,
    "levels": levels,
    "server": server,
    "log": log,
    "gpus": gpus,
    "progress": progress,
    "message": message,
    "footer": footer,
    "small": small,
}


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
    """Everything at once."""

    CSS = "Board { overflow: hidden; }"

    def __init__(self, palette: Palette, scene: Scene) -> None:
        super().__init__()
        self._palette = palette
        self._scene = scene
        self._shape: tuple[int, str, bool] | None = None
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
        gpus, chart, wound = self._shape
        places = arrange_wound(size.width, size.height, gpus, chart) if wound else arrange(*size, gpus, chart)
        self._places = {place.panel: place for place in places}
        for place in places:
            self._panels[place.panel].show(paint(place, scene))
        return self._places

    @staticmethod
    def _shape_of(scene: Scene) -> tuple[int, str, bool]:
        """What the layout depends on, besides the size."""
        return len(scene.snapshot.gpus), scene.chart, scene.tape is not None
