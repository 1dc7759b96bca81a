"""What a click means: a view's name, a key of the footer, a panel's title."""

from __future__ import annotations

from collections.abc import Iterable

from tui.draw.frame import Frame
from tui.layout import Place
from tui.panels.footer import footer_at
from tui.panels.tabs import tab_at
from tui.scene import Scene
from tui.views.registry import NAMES


def clicked(places: Iterable[Place], scene: Scene, x: int, y: int) -> tuple[str, str] | None:
    """Return ``("key", id)`` or ``("panel", name)`` for a cell of the screen; ``None`` where a click means nothing."""
    place = next((one for one in places if _holds(one, x, y)), None)
    if place is None:
        return None
    if place.panel == "tabs":
        return _key(tab_at(NAMES, scene, place.width, x - place.x))
    if place.panel == "footer":
        return _key(footer_at(scene, place.width, x - place.x))
    if place.frame is not Frame.NONE and y == place.y:
        return "panel", place.panel
    return None


def _key(name: str | None) -> tuple[str, str] | None:
    return None if name is None else ("key", name)


def _holds(place: Place, x: int, y: int) -> bool:
    return place.x <= x < place.x + place.width and place.y <= y < place.y + place.height
