"""GPUs: each with its counters, and the server that they work for."""

from __future__ import annotations

from tui.layout import Place, one, stack
from tui.scene import Scene
from tui.views.view import View


def _arrange(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    del scene
    return stack((one("gpus", 1, 3, 200, 0, 1), one("server", 2, 4, 4, 1)), width, height)


VIEW = View("gpus", "GPUs", _arrange, order=("gpus", "server"))
