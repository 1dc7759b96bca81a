"""What a screen says that is too small for anything else."""

from __future__ import annotations

from tui.layout import MIN_HEIGHT, MIN_WIDTH
from tui.lines import EMPTY, Block, centre, fit, say, width_of
from tui.scene import Scene


def small(scene: Scene, width: int, height: int) -> Block:
    """Return one centred line: the size needed and the present one, as much of it as fits."""
    del scene
    need, have = f"rooftop needs {MIN_WIDTH}x{MIN_HEIGHT}", f"this terminal is {width}x{height}"
    wanted = (f"{need}; {have}", f"needs {MIN_WIDTH}x{MIN_HEIGHT}, is {width}x{height}", f"{MIN_WIDTH}x{MIN_HEIGHT}")
    line = next((say(text, "warn") for text in wanted if width_of(say(text)) <= width), say(wanted[-1], "warn"))
    middle = max(0, (height - 1) // 2)
    return Block((*(EMPTY,) * middle, centre(fit(line, width) if width_of(line) > width else line, width)))
