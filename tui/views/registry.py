"""All views in the order of their keys, all panels, and the frame that every view stands in."""

from __future__ import annotations

from tui.draw.frame import Frame
from tui.layout import MIN_HEIGHT, MIN_WIDTH, Place, frame_for
from tui.lines import Block
from tui.panels.footer import footer
from tui.panels.header import header
from tui.panels.message import message
from tui.panels.progress import progress
from tui.panels.small import small
from tui.panels.tabs import tabs
from tui.scene import Scene
from tui.views import events, gpus, levels, overview, regime, requests
from tui.views.view import Paint, View

VIEWS: dict[str, View] = {
    view.name: view for view in (overview.VIEW, requests.VIEW, gpus.VIEW, regime.VIEW, levels.VIEW, events.VIEW)
}
TABS_FROM = 20
"""Lines of the screen from which the names of the views have a line of their own."""


NAMES = tuple((view.name, view.title) for view in VIEWS.values())
_BELOW = ("message", "footer")


def _tabs(scene: Scene, width: int, height: int) -> Block:
    del height
    return tabs(NAMES, scene, width)


PAINTS: dict[str, Paint] = {
    "header": header,
    "tabs": _tabs,
    **{name: paint for view in VIEWS.values() for name, paint in view.panels.items()},
    "progress": progress,
    "message": message,
    "footer": footer,
    "small": small,
}


def arrange(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    """Return the places of all panels of the scene's view, or of its maximised one, on a screen of this size."""
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return (Place("small", 0, 0, max(0, width), max(0, height), Frame.NONE),)
    above, below = _above(height), _below(height, wound=scene.tape is not None)
    body = body_size(width, height, wound=scene.tape is not None)
    return (
        *(Place(name, 0, y, width, 1, Frame.NONE) for y, name in enumerate(above)),
        *(place._replace(y=place.y + len(above)) for place in _body(*body, scene)),
        *(Place(name, 0, height - len(below) + y, width, 1, Frame.NONE) for y, name in enumerate(below)),
    )


def _above(height: int) -> tuple[str, ...]:
    return ("header", "tabs") if height >= TABS_FROM else ("header",)


def _below(height: int, *, wound: bool) -> tuple[str, ...]:
    """Return the lines below the body: that of progress too in a replay or in the past, where it can be spared."""
    return ("progress", *_BELOW) if wound and height > MIN_HEIGHT else _BELOW


def body_size(width: int, height: int, *, wound: bool = False) -> tuple[int, int]:
    """Return the cells and lines that a screen of this size leaves for the panels of a view."""
    return width, height - len(_above(height)) - len(_below(height, wound=wound))


def _body(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    if scene.look.large is not None:
        return (Place(scene.look.large, 0, 0, width, height, frame_for(width, height)),)
    return VIEWS[scene.look.view].arrange(width, height, scene)


def body_panels(width: int, height: int, scene: Scene) -> tuple[str, ...]:
    """Return the panels that the scene's view has room for in a body of this size, none maximised."""
    return tuple(place.panel for place in VIEWS[scene.look.view].arrange(width, height, scene))
