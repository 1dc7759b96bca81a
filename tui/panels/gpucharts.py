"""The GPUs over time: the more there are, the fewer quantities of each; never nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from session.view import GpuView
from tui.draw.cells import Cells, choose_cells
from tui.draw.clean import clean
from tui.draw.plot import below_line
from tui.lines import EMPTY, Block, Line, fit, join, lpad, say, width_of
from tui.panels.gpufacts import facts_line
from tui.panels.gpumetrics import CORE, METRICS, Metric
from tui.panels.gpustrip import Past, lead_of, room_of, strip
from tui.panels.text import age_note, missing, stale
from tui.panels.timechart import span_name
from tui.scene import Scene

_COMFORT, _LEAST = 72, 36
"""Cells that a strip likes to have, and that it needs."""
_ENOUGH = 4
"""Quantities below which strips are rather narrow than few."""
_NUMBER, _GAP = 4, 2
_PEERS = "nvlink_bytes_s"
"""What one GPU alone has nothing to say of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the room is shared."""

    gpus: int
    """How many are on the screen."""
    lines: int
    """Of each GPU; one alone has no line for its name."""
    across: int
    """Strips beside each other."""
    width: int
    """Of a strip."""
    metrics: int
    """How many quantities."""
    axis: bool
    """Whether times stand below."""

    @property
    def all_across(self) -> int:
        """Cells that all strips take together."""
        return self.width * self.across + _GAP * (self.across - 1)

    @property
    def lead(self) -> int:
        """Cells before the strips of a GPU that has no line for its name."""
        return _NUMBER if self.lines == 1 else 0

    def heights(self) -> list[int]:
        """Return the lines of each row of strips, the first rows taller where they do not share evenly."""
        rows = -(-self.metrics // self.across)
        room = max(1, self.lines - 1)
        return [room // rows + (row < room % rows) for row in range(rows)]


def gpu_charts(scene: Scene, width: int, height: int) -> Block:
    """Return a line of facts and strips for each GPU."""
    views = by_family(scene.snapshot.gpus)
    title = say("GPUs" if len(views) > 1 else "GPU", "title")
    if not views:
        return Block(missing(scene.snapshot.sources.get("gpus"), "the GPUs", width, height)[: max(0, height)], title)
    if width < _LEAST + _NUMBER or height < 1:
        return Block((say("no room", "dim"),) if height > 0 else (), title)
    metrics = _there(scene, views)
    plan = _plan(len(views), len(metrics), width, height)
    cells = choose_cells(scene.snapshot.now_s, scene.span_s, room_of(plan.width))
    first = max(0, min(scene.look.row or 0, len(views) - plan.gpus))
    drawn = [_gpu(scene, view, metrics[: plan.metrics], plan, cells) for view in views[first : first + plan.gpus]]
    gap: list[Line] = [EMPTY] if height - plan.axis - plan.gpus * plan.lines >= plan.gpus - 1 > 0 else []
    lines = [line for n, block in enumerate(drawn) for line in (gap * (n > 0) + block)]
    if plan.axis:
        lines.append(_axis(plan, cells))
    named = join([title, say(f"{span_name(scene.span_s)}, a column is {cells.cell_s} s", "dim")])
    return Block(tuple(lines), named, _corner(scene, views, first, plan.gpus))


def by_family(views: Sequence[GpuView]) -> list[GpuView]:
    """Return whole GPUs by index, each followed by its instances."""
    there = {view.info.index for view in views}

    def rank(view: GpuView) -> tuple[int, int, int]:
        parent = view.info.parent
        child = parent is not None and parent in there
        return (parent if child and parent is not None else view.info.index, child, view.info.index)

    return sorted(views, key=rank)


def _plan(gpus: int, metrics: int, width: int, height: int) -> Plan:
    axis = height >= 4
    room = height - axis
    lines = max(1, room // gpus)
    shown = min(gpus, room // lines)
    rows = max(1, lines - 1)
    space = width - (_NUMBER if lines == 1 else 0)
    across = max(1, space // _COMFORT)
    if across * rows < min(_ENOUGH, metrics):
        across = min(max(1, space // _LEAST), -(-_ENOUGH // rows))
    across = min(across, metrics)
    return Plan(shown, lines, across, (space - _GAP * (across - 1)) // across, min(metrics, across * rows), axis)


def _there(scene: Scene, views: Sequence[GpuView]) -> list[Metric]:
    """Return the quantities that some GPU tells of, or told of in the time that is shown, and the core ones."""
    asked = [metric for metric in METRICS if len(views) > 1 or metric.key != _PEERS]
    return [metric for metric in asked if metric.key in CORE or any(_told(scene, view, metric) for view in views)]


def _told(scene: Scene, view: GpuView, metric: Metric) -> bool:
    if view.reading.missing is None:
        return metric.now(view) is not None
    cells = choose_cells(scene.snapshot.now_s, scene.span_s, _COMFORT)
    return any(mean is not None for mean in _means(scene, view, metric, cells))


def _gpu(scene: Scene, view: GpuView, metrics: Sequence[Metric], plan: Plan, cells: Cells) -> list[Line]:
    """Return a GPU's lines."""
    dull = stale(view.age_s) or view.reading.missing is not None
    heights = plan.heights()
    strips = [
        strip(metric, view, _past(scene, view, metric, cells), (plan.width, heights[place // plan.across]), dull=dull)
        for place, metric in enumerate(metrics)
    ]
    rows = [
        join(beside, " " * _GAP)
        for at in range(0, len(strips), plan.across)
        for beside in zip(*strips[at : at + plan.across], strict=True)
    ]
    if plan.lines == 1:
        return [_numbered(view, rows[0], plan.lead + plan.all_across)]
    held_s = scene.snapshot.gpu_history.throttled_s(view.info.index)
    unsaid = {metric.key for metric in metrics} | (set() if len(scene.snapshot.gpus) > 1 else {_PEERS})
    return [facts_line(view, unsaid, held_s, plan.all_across), *rows]


def _past(scene: Scene, view: GpuView, metric: Metric, cells: Cells) -> Past:
    """Return a GPU's past, on a scale that all GPUs share where none is given."""
    means = _means(scene, view, metric, cells)
    if metric.top(view):
        return Past(means, metric.end(view, means))
    seen = [mean for other in scene.snapshot.gpus for mean in _means(scene, other, metric, cells)]
    return Past(means, metric.end(view, seen))


def _means(scene: Scene, view: GpuView, metric: Metric, cells: Cells) -> Sequence[float | None]:
    past = scene.snapshot.gpu_history
    return past.means(view.info.index, metric.key, cells.start_s, cells.cell_s, cells.width)


def _numbered(view: GpuView, row: Line, width: int) -> Line:
    """Return a GPU's only line: its number, then its strips, or why there are none."""
    branch = "└" if view.info.parent is not None else ""
    number = (lpad(f"{branch}{view.info.index}", _NUMBER - 1) + " ", "accent")
    if view.reading.missing is not None:
        return fit((number, (f"✗ {clean(view.reading.missing)}", "bad")), width)
    return (number, *row)


def _axis(plan: Plan, cells: Cells) -> Line:
    """Return the times below each column of strips."""
    labels = below_line(cells.width, cells.labels())[1:]
    one = fit((*say(" " * lead_of(plan.width)), *labels), plan.width)
    return (*say(" " * plan.lead), *join([one] * plan.across, " " * _GAP))


def _corner(scene: Scene, views: Sequence[GpuView], first: int, shown: int) -> Line:
    """Say how old the values are, what the source lacks, and what is not on the screen."""
    oldest = max((view.age_s or 0.0 for view in views), default=None)
    source = scene.snapshot.sources.get("gpus")
    why = next((view.info.counters_missing for view in views if view.info.counters_missing), None)
    lack = (
        clean(source.reason) if source and source.ok and source.reason else f"no counters: {clean(why)}" if why else ""
    )
    more = f"{first + 1}–{first + shown} of {len(views)}" if shown < len(views) else ""
    note = age_note(oldest) or say(lack, "warn")
    return join([note if width_of(note) < 90 else (), say(more, "dim")])
