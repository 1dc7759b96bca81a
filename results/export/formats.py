"""The formats that a recording can be exported to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

Export = Callable[[Path, Path], list[Path]]
"""Writes a recording (the first path) to a file or folder (the second); returns what was written.

Raises ``OSError``, :class:`session.codec.NotARecording`, and :class:`Unsuited` where the recording has nothing for it.
"""


class Unsuited(Exception):
    """The recording lacks what the format is made of, or the machine a library; the text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format; its module is imported when it is asked for."""

    what: str
    suffix: str
    """Of the file it writes where no name is given; empty: a folder."""
    module: str
    options: tuple[tuple[str, bool], ...] = ()

    def load(self) -> Export:
        """Import the module and return what it exports with."""
        export: Export = import_module(f"results.export.{self.module}").export
        return partial(export, **dict(self.options)) if self.options else export


FORMATS: dict[str, Format] = {
    "csv": Format("requests, GPU and server samples, levels: a file each", "", "csv_tables"),
    "parquet": Format("the same as Parquet (needs pyarrow: pip install 'rooftop[parquet]')", "", "parquet"),
    "perfetto": Format(
        "a trace for ui.perfetto.dev: requests by slot, counters of GPUs and server", ".pftrace", "perfetto"
    ),
    "openmetrics": Format("OpenMetrics text with times, for promtool's backfill", ".om.txt", "openmetrics"),
    "dmon": Format("text as nvidia-smi dmon prints it", ".dmon.txt", "dmon"),
    "vllm-bench": Format("the JSON of vllm bench serve --save-result, a file for each level", "", "vllm_bench"),
    "vllm-bench-detailed": Format(
        "the same with the lists of --save-detailed", "", "vllm_bench", (("detailed", True),)
    ),
    "guidellm": Format("GuideLLM's JSON report (0.8), a benchmark for each level", ".guidellm.json", "guidellm"),
    "aiperf": Format("AIPerf's profile_export_aiperf.json, a folder for each level", "", "aiperf"),
}
