"""The user's eye: which view is on, which panel is maximised, what is chosen and sorted in each view's list."""

from __future__ import annotations

from dataclasses import replace

from tui import listing
from tui.layout import CHARTS
from tui.panels.timechart import SPANS
from tui.scene import Look, Scene
from tui.views.registry import VIEWS, body_panels


class Viewing:
    """Turns keys into looks. Every view keeps its own row and order while another is on."""

    def __init__(self, view: str = "overview") -> None:
        self._looks = {name: Look(view=name) for name in VIEWS}
        self._view = view
        self.chart = "time"
        self.span_s: int | None = 600

    @property
    def look(self) -> Look:
        """What is shown now."""
        return self._looks[self._view]

    @property
    def states(self) -> frozenset[str]:
        """Which keys the view gives a meaning: those of its name, of its list, of an order of its list."""
        view = VIEWS[self._view]
        told = {"list": view.listing is not None, "sort": bool(view.columns), "time": view.spans}
        return frozenset({view.name, *(state for state, on in told.items() if on)})

    def show(self, view: str) -> None:
        """Show a view; asked for again, all of its panels."""
        if view == self._view:
            self.restore()
        self._view = view

    def turn(self, by: int) -> None:
        """Show the next view, or the one before."""
        names = list(VIEWS)
        self._view = names[(names.index(self._view) + by) % len(names)]

    def maximise(self) -> None:
        """Let the view's first panel fill the body, then the next one, after the last all of them again."""
        there = VIEWS[self._view].order
        at = there.index(self.look.large) + 1 if self.look.large in there else 0
        self._change(large=there[at] if at < len(there) else None)

    def toggle(self, panel: str) -> None:
        """Let a panel fill the body, or give the others their room again."""
        self._change(large=None if self.look.large == panel else panel)

    def restore(self) -> None:
        """Show all panels of the view."""
        self._change(large=None)

    def choose(self, row: int, scene: Scene) -> None:
        """Choose a row of the list; beyond the end the last, which is then followed."""
        view = VIEWS[self._view]
        rows = view.rows(scene)
        usual = rows - 1 if view.from_end else 0
        row = max(0, min(rows - 1, row))
        self._change(row=None if row == usual or rows == 0 else row)

    def move(self, by: int, scene: Scene) -> None:
        """Choose a row further down, or up."""
        self.choose(chosen(scene) + by, scene)

    def sort(self) -> str:
        """Sort by the next column, after the last as things came; return what to say."""
        columns = (None, *VIEWS[self._view].columns)
        at = columns.index(self.look.sort) if self.look.sort in columns else 0
        self._change(sort=columns[(at + 1) % len(columns)], row=None)
        return self._order()

    def reverse(self) -> str:
        """Sort the other way round; return what to say."""
        self._change(descending=not self.look.descending, row=None)
        return self._order()

    def next_chart(self, size: tuple[int, int], scene: Scene) -> None:
        """Show the next chart that is not on the screen."""
        shown = body_panels(*size, replace(scene, chart=self.chart))
        for _ in CHARTS:
            self.chart = CHARTS[(CHARTS.index(self.chart) + 1) % len(CHARTS)]
            if body_panels(*size, replace(scene, chart=self.chart)) != shown:
                return

    def next_span(self) -> None:
        """Show more time, and after everything the last minutes again."""
        self.span_s = SPANS[(SPANS.index(self.span_s) + 1) % len(SPANS)]

    def _order(self) -> str:
        if not VIEWS[self._view].columns:
            return "this list has one order"
        how = ", descending" if self.look.descending else ""
        return f"sorted by {self.look.sort or 'time'}{how}"

    def _change(self, **fields: object) -> None:
        self._looks[self._view] = replace(self.look, **fields)  # type: ignore[arg-type]


def chosen(scene: Scene) -> int:
    """Return the row of the view's list that is chosen, counted from 0."""
    view = VIEWS[scene.look.view]
    return listing.chosen(scene.look, view.rows(scene), from_end=view.from_end)
