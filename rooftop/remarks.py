"""What must be said at the end of a session, whether there was a screen or not."""

from __future__ import annotations

from session.view import LevelView, Snapshot


def client_bound(snapshot: Snapshot) -> str | None:
    """Return one line that names the levels at which the load generator was the limit; ``None`` where it never was."""
    names = list(dict.fromkeys(asked(level) for level in snapshot.levels if level.client_limited))
    if not names:
        return None
    workers = snapshot.header.workers
    return (
        f"client-bound at {', '.join(names)}: rooftop itself was late there, and the figures tell of it as much as of "
        f"the server; use more --workers (now {workers}) or a machine with cores to spare"
    )


def asked(level: LevelView) -> str:
    """Return what was asked of a level: ``64``, ``8/s`` or ``×2``."""
    before, after = {"open": ("", "/s"), "trace": ("×", "")}.get(level.mode, ("", ""))
    return f"{before}{level.amount:g}{after}"
