"""The recordings as the sessions screen wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import platformdirs

from session import keeping
from session.catalogue import Catalogue, Entry
from session.keeping import Refused
from session.paths import recordings_folder


def usual_places() -> list[Path]:
    """Return the user's folder of recordings; nothing where there is none yet."""
    folder = recordings_folder()
    return [folder] if folder.is_dir() else []


def cache_file() -> Path:
    """Return where summaries of recordings are kept."""
    return platformdirs.user_cache_path("rooftop") / "recordings.json"


class Shelf:
    """A :class:`tui.desk.ports.Library` over a catalogue."""

    def __init__(self, places: Sequence[Path]) -> None:
        self.catalogue = Catalogue(places, cache_file())

    def entries(self) -> list[Entry]:
        """Look what there is."""
        return self.catalogue.entries()

    def summarise(self, entry: Entry, stop: Callable[[], bool]) -> Entry:
        """Read a whole recording."""
        return self.catalogue.summarise(entry, stop)

    def rename(self, entry: Entry, name: str) -> str | None:
        """Give a recording another name; return why that cannot be."""
        try:
            self.catalogue.renamed(entry.path, keeping.rename(entry.path, name))
        except Refused as error:
            return str(error)
        return None

    def delete(self, entry: Entry) -> str | None:
        """Delete a recording; return why that cannot be."""
        try:
            keeping.delete(entry.path)
        except Refused as error:
            return str(error)
        return None

    def save(self) -> None:
        """Keep what was read."""
        self.catalogue.save()
