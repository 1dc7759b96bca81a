"""GPUs: what each does and did."""

from __future__ import annotations

from tui.layout import Place, one, stack
from tui.panels.gpucharts import gpu_charts
from tui.scene import Scene
from tui.views.view import View


def _arrange(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    del scene
    return stack((one("gpu_charts", 1, 3, 200, 0, 1),), width, height)


def _rows(scene: Scene) -> int:
    return len(scene.snapshot.gpus)


VIEW = View(
    "gpus",
    "GPUs",
    _arrange,
    {"gpu_charts": gpu_charts},
    order=("gpu_charts",),
    listing="gpu_charts",
    rows=_rows,
    from_end=False,
    spans=True,
)
