"""The slowest requests of the level, beside the latest."""

from __future__ import annotations

from session.finished import Ended
from session.window import tpot_s
from tui.draw.fmt import DASH, clock, ms, ms_unit, whole
from tui.lines import Block, Line, join, say
from tui.panels.text import table_row
from tui.scene import Scene

_WIDTHS = (8, 9, 9, 8, 6, 6)
_HEADS = ("ended", "E2E", "TTFT", "TPOT ms", "prompt", "output")


def slowest(scene: Scene, width: int, height: int) -> Block:
    """Return the slowest, the slowest first: by TTFT where the list is sorted by it, else by E2E."""
    found = scene.snapshot.finished
    by = "TTFT" if scene.look.sort == "TTFT" else "E2E"
    rows = found.slowest_ttft if by == "TTFT" else found.slowest_e2e
    load = rows[0].load if rows else ""
    which = f"by {by}, of level {found.level} (load {load})" if found.level else f"by {by}"
    title = join([say("Slowest", "title"), say(which if rows else "", "dim")])
    if not rows:
        return Block((say("no request has ended without error yet", "dim"),) if height > 0 else (), title)
    fitting = next((n for n in range(len(_WIDTHS), 2, -1) if sum(_WIDTHS[:n]) + 2 * n - 2 <= width), 2)
    head = table_row([(name, "dim") for name in _HEADS[:fitting]], _WIDTHS[:fitting])
    return Block((head, *(_row(ended, by, fitting) for ended in rows))[: max(0, height)], title)


def _row(ended: Ended, by: str, fitting: int) -> Line:
    request = ended.request
    cells = (
        (clock(request.t_s), "dim"),
        (ms_unit(request.last_s), "value" if by == "E2E" else "text"),
        (ms_unit(request.ttft_s), "value" if by == "TTFT" else "text"),
        (ms(tpot_s(request)), "tpot"),
        (whole(request.prompt_tokens) if request.prompt_tokens is not None else DASH, "dim"),
        (whole(request.output_tokens), "text"),
    )
    return table_row(cells[:fitting], _WIDTHS[:fitting])
