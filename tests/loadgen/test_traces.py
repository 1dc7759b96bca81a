from __future__ import annotations

from pathlib import Path

import pytest

from loadgen import traces
from loadgen.trace_lines import TraceRequest
from loadgen.traces import BadTrace, TracePart, read_trace

MOONCAKE = b"""\
{"timestamp": 1000, "input_length": 1200, "output_length": 52, "hash_ids": [46, 47, 48]}
{"timestamp": 4000, "input_length": 600, "output_length": 0, "hash_ids": [46, 99]}
{"timestamp": 2500, "input_length": 7, "output_length": 3}
"""
AZURE = b"""\
TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,374,44
2023-11-16 18:15:50.9951690,396,109
"""


def written(tmp_path: Path, data: bytes, **limits: float) -> TracePart:
    path = tmp_path / "trace"
    path.write_bytes(data)
    return TracePart(path=str(path), **limits)  # type: ignore[arg-type]


def test_mooncake_is_read_in_order_of_time(tmp_path: Path) -> None:
    assert list(read_trace(written(tmp_path, MOONCAKE))) == [
        TraceRequest(0.0, 1200, 52, (46, 47, 48)),
        TraceRequest(1.5, 7, 3),
        TraceRequest(3.0, 600, 1, (46, 99)),
    ]


@pytest.mark.parametrize(("before", "after"), [(b"", b""), (b"\n", b"\r\n"), (b".6805900", b".680590+00:00")])
def test_azure_is_read_with_or_without_a_zone(tmp_path: Path, before: bytes, after: bytes) -> None:
    data = AZURE.replace(before, after) if before else b"\xef\xbb\xbf" + AZURE
    first, second = read_trace(written(tmp_path, data))
    assert (first.at_s, first.prompt_tokens, first.output_tokens) == (0.0, 374, 44)
    assert second.at_s == pytest.approx(4.314579, abs=2e-6)
    assert (second.prompt_tokens, second.output_tokens, second.hash_ids) == (396, 109, ())


def test_a_limit_is_of_the_files_first_requests_or_of_the_traces_first_seconds(tmp_path: Path) -> None:
    assert [r.at_s for r in read_trace(written(tmp_path, MOONCAKE, requests=2))] == [0.0, 3.0]
    assert [r.at_s for r in read_trace(written(tmp_path, MOONCAKE, requests=9))] == [0.0, 1.5, 3.0]
    assert [r.at_s for r in read_trace(written(tmp_path, MOONCAKE, seconds=1.5))] == [0.0]
    assert [r.hash_ids for r in read_trace(written(tmp_path, MOONCAKE, seconds=1.6))] == [(46, 47, 48), ()]


@pytest.mark.parametrize(
    ("cap", "most", "limit", "first"), [("MAX_REQUESTS", 2, 2, 2), ("MAX_HASH_IDS", 4, 1, 1), ("MAX_REQUESTS", 2, 1, 1)]
)
def test_a_trace_beyond_what_memory_is_meant_for_names_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str, most: int, limit: int, first: int
) -> None:
    monkeypatch.setattr(traces, cap, most)
    with pytest.raises(BadTrace, match=f"hold.? more than {most:,} .*--trace-limit"):
        read_trace(written(tmp_path, MOONCAKE))
    assert len(read_trace(written(tmp_path, MOONCAKE, requests=limit))) == first


def test_a_folder_is_no_trace(tmp_path: Path) -> None:
    with pytest.raises(BadTrace, match="is no file"):
        read_trace(TracePart(path=str(tmp_path)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "holds no request"),
        (b"TIMESTAMP,ContextTokens,GeneratedTokens\n", "holds no request"),
        (b"a,b\n1,2\n", "line 1: is neither"),
        (b"[1]\n", "line 1: is no JSON object"),
        (MOONCAKE + b"{broken\n", "line 4: is neither"),
        (b'{"timestamp": "1", "input_length": 1, "output_length": 1}', 'line 1: "timestamp" is no time'),
        (b'{"timestamp": NaN, "input_length": 1, "output_length": 1}', 'line 1: "timestamp" is no time'),
        (b'{"timestamp": 1, "input_length": -1, "output_length": 1}', "line 1: input_length is no number"),
        (b'{"timestamp": 1, "input_length": 1}', "line 1: output_length is no number"),
        (b'{"timestamp": 1, "input_length": 1, "output_length": 1, "hash_ids": ["a"]}', 'line 1: "hash_ids"'),
        (AZURE + b"yesterday,1,1\n", "line 4: TIMESTAMP is no time"),
        (AZURE + b"2023-11-16 18:15:46,1\n", "line 4: has too few columns"),
        (AZURE + b"2023-11-16 18:15:46,1,1e3\n", "line 4: GeneratedTokens is no number"),
        (b'{"timestamp": 1, "input_length": 1, "output_length": 1, "hash_ids": [9223372036854775808]}', '"hash_ids"'),
        (AZURE + b'"' + b"x" * 200_000 + b'",1,1\n', "line 4: is no line of a CSV"),
        (MOONCAKE + b"\xff\n", "is not UTF-8"),
        (b"[" * 100_000, "line 1: is neither"),
        (b"x" * (5 << 20), "more than 4 Mi characters"),
    ],
)
def test_a_bad_trace_is_one_printable_line(tmp_path: Path, data: bytes, said: str) -> None:
    part = written(tmp_path, data)
    with pytest.raises(BadTrace) as error:
        read_trace(part)
    assert str(error.value).isprintable()
    assert str(error.value).startswith(part.path)
    assert said in str(error.value)


def test_no_file() -> None:
    with pytest.raises(BadTrace, match="No such file"):
        read_trace(TracePart(path="/nowhere/trace"))
