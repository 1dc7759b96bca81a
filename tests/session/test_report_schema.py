"""Every report is what docs/report.schema.json says, and says nothing besides."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from results.stream import snapshot_of
from session.events import End, Event, Header, Level, Request, Tick, Trace
from session.fold import State
from session.playback import fold_file
from session.report import SCHEMA, report
from tests.events import header, ramp
from tests.session import made

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(DOCUMENT)
RECORDINGS = sorted((ROOT / "tests" / "data" / "recordings").rglob("*.rooftop.gz"))


def wrong(figures: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(figures)]


def printed(state: State, **how: Any) -> dict[str, Any]:
    """Return a report as it is once it was printed."""
    figures: dict[str, Any] = json.loads(json.dumps(report(state.snapshot(), **how), allow_nan=False))
    return figures


def folded(head: Header, events: list[Event]) -> State:
    state = State(head)
    state.apply_all(events)
    return state


def finished(t_s: float, level: int = 1, error: str | None = None) -> Request:
    return Request(t_s=t_s, start_s=t_s - 0.5, ttft_s=0.1, last_s=0.5, output_tokens=11, level=level, error=error)


def ticks(until_s: float) -> list[Event]:
    return [Tick(t_s=n / 4, dt_s=0.25, in_flight=2, output_tokens=5) for n in range(1, int(until_s * 4))]


def open_loop() -> State:
    events = [
        Level(t_s=0.0, concurrency=0, mode="open", rate=4.0),
        *ticks(20),
        *(finished(n / 4) for n in range(3, 76)),
    ]
    return folded(
        header(slo={"ttft": 0.5, "tpot": 0.02}), [*sorted(events, key=lambda e: e.t_s), End(t_s=20, reason="x")]
    )


def trace() -> State:
    events = [Level(t_s=0.0, concurrency=0, mode="trace", speed=2.0), *ticks(10), *(finished(n) for n in range(1, 9))]
    head = header(trace=Trace(name="toy.jsonl", requests=20, duration_s=18.0))
    return folded(head, sorted(events, key=lambda e: e.t_s))


def errors_only() -> State:
    events = [Level(t_s=0.0, concurrency=4), *ticks(5), *(finished(n, error="refused") for n in range(1, 5))]
    return folded(header(slo={"e2e": 1.0}), sorted(events, key=lambda e: e.t_s))


STATES: dict[str, Callable[[], State]] = {
    "empty": lambda: folded(header(), []),
    "open loop": open_loop,
    "trace": trace,
    "errors only": errors_only,
    "closed": lambda: folded(header(simulated=True, gpu_hour=2.5), list(ramp((1, 8, 32)))),
    "cut off, no GPU": lambda: folded(header(), made.level(0.0, 20.0, lambda _: 1000.0)),
}


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_a_report_of_a_real_recording(path: Path) -> None:
    figures = printed(fold_file(path))
    assert wrong(figures) == []
    assert figures["levels"]


@pytest.mark.parametrize("name", STATES)
def test_a_report_of_a_made_session(name: str) -> None:
    assert wrong(printed(STATES[name](), running=True, share=0.9)) == []


def test_a_field_that_the_schema_lacks_is_seen() -> None:
    """And so is one that is gone, at every depth: else the tests above could pass on anything."""
    sound = printed(fold_file(RECORDINGS[0]))
    for place in ((), ("levels", 0), ("levels", 0, "verdict"), ("levels", 0, "gpus", 0), ("roofline", "predicted")):
        more, less = copy.deepcopy(sound), copy.deepcopy(sound)
        _at(more, place)["new"] = 1
        assert wrong(more), place
        del _at(less, place)[next(iter(_at(sound, place)))]
        assert wrong(less), place


def _at(figures: Any, place: tuple[str | int, ...]) -> dict[str, Any]:
    for name in place:
        figures = figures[name]
    found: dict[str, Any] = figures
    return found


def parts(schema: Any, where: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema within a schema."""
    yield where, schema
    for word in ("properties", "$defs"):
        for name, inner in schema.get(word, {}).items():
            yield from parts(inner, f"{where}/{name}")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from parts(schema["additionalProperties"], f"{where}/*")
    if "items" in schema:
        yield from parts(schema["items"], f"{where}[]")


def test_the_schema_is_one_and_tells_type_unit_and_meaning_of_every_field() -> None:
    Draft202012Validator.check_schema(DOCUMENT)
    assert DOCUMENT["properties"]["schema"]["const"] == SCHEMA
    for where, schema in parts(DOCUMENT):
        kinds = schema.get("type", [])
        kinds = {kinds} if isinstance(kinds, str) else {*kinds}
        assert schema.get("description"), where
        assert kinds or "$ref" in schema or "anyOf" in schema, where
        assert not kinds & {"number", "integer"} or schema.get("unit"), where
        if "object" in kinds:
            assert "additionalProperties" in schema, where
            assert schema["additionalProperties"] is not True, where


def test_every_number_of_a_level_is_reached_by_a_session_here() -> None:
    """A field that is null in all of them would have its type tested by nothing."""
    never = {"speed", "rate", "goodput", "slo_good", "slo_met"}
    seen = {name for path in RECORDINGS[:3] for level in printed(fold_file(path))["levels"]
            for name, value in level.items() if value is not None}  # fmt: skip
    assert set(DOCUMENT["$defs"]["level"]["properties"]) - seen <= never
    assert {"rate", "goodput", "slo_good", "slo_met"} <= _told(open_loop())
    assert "speed" in _told(trace())


def _told(state: State) -> set[str]:
    return {name for level in printed(state)["levels"] for name, value in level.items() if value is not None}


@pytest.mark.parametrize("name", ["guidellm-0.8.1.json"])
def test_a_report_of_another_tools_file(name: str) -> None:
    figures = json.loads(json.dumps(report(snapshot_of(ROOT / "tests" / "data" / "imports" / name)), allow_nan=False))
    assert wrong(figures) == []
    assert figures["origin"]
    assert figures["levels"]
