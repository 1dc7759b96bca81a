"""Python's collector of cycles, kept from work that finds nothing: what is loaded at the start is there to stay."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Load or build something that stays; the collector looks neither meanwhile nor ever after at what is there.

    Looking through all modules takes tens of milliseconds, in which a screen would hear no key.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if on:
            gc.enable()
