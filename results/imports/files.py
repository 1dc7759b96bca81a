"""Which tool wrote a file, by what it holds, and what its files are as one recording."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from results.imports import dmon, guidellm, vllm_bench
from results.imports.json_files import read_capped
from results.imports.parts import NotImportable, Parts, Said
from results.imports.together import Imported, together
from session.codec import encode
from session.opening import open_file
from session.recording import Writer

HEAD = 1 << 16
BATCH = 5000
KNOWN = "vllm bench's results, GuideLLM's reports and nvidia-smi dmon's logs"
_UNTIMED = datetime.fromtimestamp(0, UTC).isoformat()


def imported(paths: Sequence[Path], said: Said | None = None, version: str = "") -> Imported | None:
    """Return what files of other tools are as one recording; ``None`` where one of them is of no tool that is known.

    Raises ``OSError`` and :class:`NotImportable`.
    """
    parts = Parts()
    for path in paths:
        try:
            if not _take(path, parts):
                return None
        except NotImportable as error:
            error.path = path
            raise
    found = together(parts, said or Said(), version)
    if found.header.started_at == _UNTIMED:
        return Imported(replace(found.header, started_at=_by_file(paths[0], found)), found.events)
    return found


def write(found: Imported, out: Path) -> None:
    """Write a recording; raise ``FileExistsError`` where it is there already, and ``OSError``."""
    with closing(Writer(out, found.header)) as writer:
        for at in range(0, len(found.events), BATCH):
            writer.append([encode(event) for event in found.events[at : at + BATCH]])


def _take(path: Path, parts: Parts) -> bool:
    """Add what a file holds; return whether it is of a known tool."""
    with open_file(path) as file:
        head = file.read(HEAD)
    if dmon.looks_like(head):
        parts.watches.append(dmon.read(path))
        return True
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return False
    data = read_capped(path).removeprefix(b"\xef\xbb\xbf")
    for tool in (guidellm, vllm_bench):
        if tool.looks_like(data):
            parts.benches.extend(tool.read(data))
            return True
    return False


def _by_file(path: Path, found: Imported) -> str:
    """Return when a session began of which no file says it: when the file was last written, less its length."""
    end_s = found.events[-1].t_s
    return (datetime.fromtimestamp(path.stat().st_mtime, UTC) - timedelta(seconds=end_s)).isoformat()


__all__ = ["KNOWN", "Imported", "NotImportable", "imported", "write"]
