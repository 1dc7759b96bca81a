"""Regime."""

from __future__ import annotations

from tui.layout import Place, one, stack
from tui.scene import Scene
from tui.views.view import View


def _arrange(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    del scene
    return stack((one("verdict", 2, 5, 200, 0, 1),), width, height)


VIEW = View("regime", "Regime", _arrange)
