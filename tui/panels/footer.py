"""The keys, as many as fit."""

from __future__ import annotations

from tui.keys import TIME, Key, keys_for
from tui.lines import Block, Line, join, width_of
from tui.scene import Scene

_FIRST = ("help", "quit")
_TRACE = {"more": "+0.1", "less": "-0.1"}
"""What load keys do to a trace's speed, where it is something else."""


def footer(scene: Scene, width: int, height: int) -> Block:
    """Return the keys of the declaration in order, but for the mode that is on; help and quit are always there."""
    del height
    listed = [key for key in _in_order(scene) if key.label and key.id != scene.mode]
    items: dict[str, Line] = {key.id: _item(key.show.split()[0], _label(key.id, key.label, scene)) for key in listed}
    last = [items.pop(name) for name in _FIRST]
    room = width - sum(width_of(item) + 2 for item in last)
    shown: list[Line] = []
    for item in items.values():
        room -= width_of(item) + 2
        if room < 0:
            break
        shown.append(item)
    return Block((join([*shown, *last]),))


def _in_order(scene: Scene) -> list[Key]:
    """Return the keys; those of time come first in the past, and at the present only the way there is told."""
    keys = keys_for(replay=scene.replay)
    if scene.replay:
        return list(keys)
    if scene.tape is None:
        return [key for key in keys if key.group != TIME or key.id == "back"]
    return sorted(keys, key=lambda key: (key.id != "present", key.group != TIME))


def _item(show: str, label: str) -> Line:
    return ((show, "key"), (f" {label}", "dim"))


def _label(name: str, label: str, scene: Scene) -> str:
    if name == "pause" and scene.paused:
        return "resume"
    if scene.mode == "trace" and name in _TRACE:
        return _TRACE[name]
    if name == "play" and scene.tape is not None and scene.tape.playing:
        return "pause"
    if name == "back" and scene.tape is None:
        return "back in time"
    return "thaw" if name == "freeze" and scene.frozen else label
