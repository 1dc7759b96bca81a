from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from loadgen.traces import BadTrace, Blocks, TraceRequest, read_trace

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


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "trace"
    path.write_bytes(data)
    return path


def test_mooncake_is_read_in_order_of_time(tmp_path: Path) -> None:
    assert read_trace(written(tmp_path, MOONCAKE)) == [
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


def test_equal_hash_ids_are_equal_tokens_and_lengths_are_exact() -> None:
    def prompts() -> list[list[int]]:
        blocks, own = Blocks(3, 10, 2000), Random(1)
        return [
            blocks.prompt(TraceRequest(0, 1200, 1, (46, 47, 48)), own),
            blocks.prompt(TraceRequest(0, 600, 1, (46, 99)), own),
            blocks.prompt(TraceRequest(0, 600, 1, (46,)), own),
            blocks.prompt(TraceRequest(0, 600, 1, (46,)), own),
        ]

    made = prompts()
    assert prompts() == made
    assert [len(prompt) for prompt in made] == [1200, 600, 600, 600]
    assert made[0][:512] == made[1][:512] == made[2][:512]
    assert made[0][512:600] != made[1][512:600]
    assert made[2][512:] != made[3][512:]
    assert all(10 <= token < 2000 for token in made[0])


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
        (MOONCAKE + b"\xff\n", "is not UTF-8"),
        (b"[" * 100_000, "line 1: is neither"),
        (b"x" * (5 << 20), "more than 4 Mi characters"),
    ],
)
def test_a_bad_trace_is_one_printable_line(tmp_path: Path, data: bytes, said: str) -> None:
    path = written(tmp_path, data)
    with pytest.raises(BadTrace) as error:
        read_trace(path)
    assert str(error.value).isprintable()
    assert str(error.value).startswith(str(path))
    assert said in str(error.value)


def test_no_file() -> None:
    with pytest.raises(BadTrace, match="No such file"):
        read_trace(Path("/nowhere/trace"))
