"""The line above the keys: the most urgent thing to know."""

from __future__ import annotations

from tui.draw.clean import clean
from tui.lines import Block, Line, fit, join, say
from tui.panels.log import log_line
from tui.panels.start import is_start
from tui.scene import Scene

_RECENT_S = 30.0


def message(scene: Scene, width: int, height: int) -> Block:
    """Return what is wrong, else an answer to a key, else the last error, else a hint."""
    del height
    if scene.problem:
        text = f" ✗ {clean(scene.problem)}. {scene.keys.first('quit')} quits; the recording is kept "
        return Block((fit(say(text, "ink/bad"), width),))
    return Block((_line(scene),))


def _line(scene: Scene) -> Line:
    snap = scene.snapshot
    if scene.typed is not None:
        return _prompt(scene)
    if scene.flash:
        return say(clean(scene.flash), "accent")
    if scene.tape is not None and scene.tape.behind_s is not None and scene.tape.playing:
        speed = f"×{scene.tape.speed:g}"
        how = f"{scene.keys.first('roll')} stands still, {scene.keys.first('present')} returns to live"
        return join([say(f"playing the past at {speed}", "accent"), say(how, "dim")])
    if snap.ended is not None and scene.tape is None:
        return say(f"the session ended: {clean(snap.ended)}", "warn")
    last = snap.last_error
    if last is not None and snap.now_s - last.t_s < _RECENT_S:
        return log_line(last)
    server = snap.sources.get("server")
    if scene.tape is None and not snap.requests and server is not None and server.ok is False:
        hint = f"{scene.keys.first('setup')} sets up another, {scene.keys.first('help')} for help"
        return join([say("the server does not answer", "warn"), say(hint, "accent")])
    if is_start(scene):
        hint = f"press {scene.keys.first('double')} to start load, {scene.keys.first('help')} for help"
        return join([say(hint, "accent"), say("nothing has been sent yet", "dim")])
    return log_line(snap.log[-1]) if snap.log else ()


def _prompt(scene: Scene) -> Line:
    """Return what is being typed, and how to end it."""
    what = {"open": "rate", "trace": "speed"}.get(scene.mode, "load")
    keys = f"{scene.keys.first('enter')} sets it, {scene.keys.first('cancel')} does not"
    return join([say(f"{what}: {scene.typed}_", "accent"), say(keys, "dim")])
