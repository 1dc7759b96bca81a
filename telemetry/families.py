"""Reads any server's /metrics into engine samples by a table of its names."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from session.events import EngineSample
from telemetry.exposition import Sample, samples

Names = tuple[str, ...]
LARGEST = frozenset({"kv_usage"})
"""Fields of which an engine's several samples do not add up."""
MOST_ENGINES = 1024


class Rule(NamedTuple):
    """Where a sample of some name goes."""

    field: str
    age: int
    """0 for the newest name of the field; where a server shows two names, the newest counts."""
    label: str | None = None
    wanted: str | None = None
    """Value of ``label`` that the sample must have."""


@dataclass(frozen=True)
class Kind:
    """One kind of server, and how its metrics are called."""

    title: str
    prefixes: Names
    fields: Mapping[str, Names]
    """Field of the sample to names without prefix, the newest first."""
    labelled: Mapping[str, tuple[Names, str, str]] = field(default_factory=dict)
    """Field to names, label and the label's value."""
    histograms: Mapping[str, Names] = field(default_factory=dict)
    """Field of buckets to names."""
    engine_labels: Names = ("engine",)
    """Labels that tell data-parallel ranks apart; the first that a sample has counts."""
    first_only: Names = ()
    """Labels of ranks that all tell the same: only rank 0 is read."""
    cache: Names = ()
    """Names that tell the KV cache's size."""
    cache_tokens: Callable[[Sample], float | None] = lambda sample: sample.value
    """How they tell it, in tokens."""

    @cached_property
    def rules(self) -> dict[str, list[Rule]]:
        """Full name to where its samples go."""
        plain = [(name, (names, None, None)) for name, names in self.fields.items()]
        rules: dict[str, list[Rule]] = {}
        for prefix in self.prefixes:
            for target, (names, label, value) in [*plain, *self.labelled.items()]:
                for age, name in enumerate(names):
                    rules.setdefault(prefix + name, []).append(Rule(target, age, label, value))
        return rules

    @cached_property
    def buckets(self) -> dict[str, tuple[str, int]]:
        """Full name to field and age."""
        return {
            f"{prefix}{name}_bucket": (target, age)
            for prefix in self.prefixes
            for target, names in self.histograms.items()
            for age, name in enumerate(names)
        }

    @cached_property
    def caches(self) -> frozenset[str]:
        """Full names that tell the KV cache's size."""
        return frozenset(prefix + name for prefix in self.prefixes for name in self.cache)

    @cached_property
    def wanted(self) -> frozenset[str]:
        """Every name that is read."""
        return frozenset(self.rules) | frozenset(self.buckets) | self.caches

    def in_text(self, text: str) -> bool:
        """Say whether a text has lines of this server."""
        return any(text.startswith(prefix) or f"\n{prefix}" in text for prefix in self.prefixes)


def counter(*names: str) -> Names:
    """Return a counter's names, newest first: exposed with ``_total``, and without by some versions."""
    return tuple(full for name in names for full in (f"{name}_total", name))


def parts(target: str, *names: str) -> dict[str, Names]:
    """Return the fields for a histogram's sum and count."""
    return {
        f"{target}_sum_s": tuple(f"{name}_sum" for name in names),
        f"{target}_count": tuple(f"{name}_count" for name in names),
    }


def read_kind(kind: Kind, text: str) -> tuple[dict[str, EngineSample], float | None]:
    """Return a sample for each engine (data-parallel rank) and the KV cache's size of all together in tokens.

    A value that the server does not show is ``None``.
    """
    engines: dict[str, _Engine] = {}
    sizes: dict[str, float] = {}
    for sample in samples(text, kind.wanted):
        if any(sample.labels.get(label, "0") != "0" for label in kind.first_only):
            continue
        label = next((sample.labels[name] for name in kind.engine_labels if sample.labels.get(name)), "0")
        if sample.name in kind.caches:
            if (size := kind.cache_tokens(sample)) is not None:
                sizes[label] = size
        elif label in engines or len(engines) < MOST_ENGINES:
            engines.setdefault(label, _Engine(kind)).add(sample)
    read = {label: engine.sample() for label, engine in engines.items()}
    return read, sum(sizes.values()) if sizes else None


class _Engine:
    """Adds up one engine's samples; its other labels (model, finish reason) are summed over."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._values: dict[str, float] = {}
        self._buckets: dict[str, dict[float, float]] = {}
        self._ages: dict[str, int] = {}

    def add(self, sample: Sample) -> None:
        if (target := self._kind.buckets.get(sample.name)) is not None:
            self._add_bucket(*target, sample)
            return
        for name, age, label, wanted in self._kind.rules[sample.name]:
            if label is not None and sample.labels.get(label) != wanted:
                continue
            if name not in self._values or age < self._ages[name]:
                self._values[name], self._ages[name] = sample.value, age
            elif age == self._ages[name]:
                before = self._values[name]
                self._values[name] = max(before, sample.value) if name in LARGEST else before + sample.value

    def sample(self) -> EngineSample:
        known: dict[str, Any] = {**self._values}
        known |= {name: _trimmed(buckets.items()) for name, buckets in self._buckets.items()}
        return EngineSample(**known)

    def _add_bucket(self, name: str, age: int, sample: Sample) -> None:
        bound = _bound(sample.labels.get("le"))
        if bound is None or age > self._ages.get(name, age):
            return
        if age < self._ages.get(name, age + 1):
            self._ages[name], self._buckets[name] = age, {}
        buckets = self._buckets[name]
        buckets[bound] = buckets.get(bound, 0.0) + sample.value


def _trimmed(buckets: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Sort, and leave out the bounds beyond the first that holds everything."""
    ordered = sorted(buckets)
    most = max((count for _, count in ordered), default=0.0)
    full = next((i for i, (_, count) in enumerate(ordered) if count >= most), 0)
    return ordered[: full + 1]


def _bound(text: str | None) -> float | None:
    """Return a bucket's finite upper bound; the last one, without bound, is the histogram's count."""
    try:
        bound = float(text or "nan")
    except ValueError:
        return None
    return bound if math.isfinite(bound) else None
