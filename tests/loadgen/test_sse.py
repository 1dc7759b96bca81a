from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgen.sse import MAX_EVENT, BadStream, TokenStream
from tests.servers import event


def completion(text: str, finish: str | None = None, **more: object) -> bytes:
    return event(
        {"id": "c", "choices": [{"index": 0, "text": text, "logprobs": None, "finish_reason": finish}], **more}
    )


def chat(delta: dict[str, object], finish: str | None = None) -> bytes:
    return event({"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def usage(tokens: int, prompt: int = 7) -> bytes:
    return event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": tokens}})


DONE = b"data: [DONE]\n\n"
TEXTS = ["Hi", " there", '"usage":{"completion_tokens":9}', "[DONE]", "data: x", "ö€😀", "\n\n", '"choices":[{', ""]
WHOLE = b"".join(completion(text) for text in TEXTS) + completion(".", "length") + usage(10) + DONE
CHAT = (
    chat({"role": "assistant", "content": ""})
    + chat({"content": "a"}) * 3
    + chat({"content": "b"}, "stop")
    + usage(4)
    + DONE
)


def read(*pieces: bytes) -> tuple[TokenStream, list[int]]:
    gaps: list[int] = []
    firsts: list[int] = []
    stream = TokenStream(gaps.append, firsts.append)
    for number, piece in enumerate(pieces):
        stream.feed(piece, (number + 1) * 1_000_000_000)
    stream.close()
    assert firsts == [stream.first_ns][: bool(stream.chunks)]
    return stream, gaps


def test_a_stream_of_completions_is_counted() -> None:
    stream, gaps = read(*WHOLE.splitlines(keepends=True))
    assert (stream.chunks, stream.tokens, stream.prompt_tokens) == (10, 10, 7)
    assert stream.complete
    assert len(gaps) == 9
    assert stream.first_ns == 1_000_000_000


@pytest.mark.parametrize("whole", [WHOLE, CHAT])
def test_every_cut_gives_the_same_counts(whole: bytes) -> None:
    for cut in range(len(whole) + 1):
        stream, gaps = read(whole[:cut], whole[cut:])
        assert (stream.chunks, stream.tokens, len(gaps)) == ((10, 10, 9) if whole is WHOLE else (4, 4, 3))
        assert stream.done


@given(st.lists(st.integers(0, len(WHOLE)), max_size=12))
def test_any_cuts_give_the_same_counts(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(WHOLE)]
    stream, gaps = read(*(WHOLE[a:b] for a, b in itertools.pairwise(edges)))
    assert (stream.chunks, stream.tokens, len(gaps), stream.done) == (10, 10, 9, True)


def test_the_empty_first_chunk_of_a_chat_is_no_token() -> None:
    stream, _ = read(chat({"role": "assistant", "content": ""}), chat({"content": "a"}))
    assert stream.first_ns == 2_000_000_000
    assert stream.chunks == 1


def test_reasoning_counts_as_tokens() -> None:
    stream, _ = read(chat({"role": "assistant"}), chat({"reasoning_content": "hm"}), chat({"reasoning": "so"}))
    assert stream.chunks == 2


def test_a_closing_chunk_without_text_is_a_token_only_if_usage_says_so() -> None:
    body = completion("a") + completion("b")
    separate, _ = read(body, completion("", "stop"), usage(2), DONE)
    token, _ = read(body, completion("", "length"), usage(3), DONE)
    assert (separate.chunks, separate.last_ns) == (2, 1_000_000_000)
    assert (token.chunks, token.last_ns) == (3, 2_000_000_000)


def test_an_empty_delta_that_closes_a_chat_is_no_token() -> None:
    stream, _ = read(chat({"content": "a"}), chat({}, "stop"), DONE)
    assert stream.tokens == 1
    assert stream.complete


def test_tokens_come_from_usage_and_not_from_chunks() -> None:
    stream, _ = read(completion("several tokens"), completion("in a chunk", "length"), usage(16), DONE)
    assert (stream.chunks, stream.tokens) == (2, 16)


def test_usage_in_every_chunk_is_understood() -> None:
    pieces = [completion("x", usage={"prompt_tokens": 3, "completion_tokens": n}) for n in (1, 2, 3)]
    stream, _ = read(*pieces, DONE)
    assert (stream.chunks, stream.tokens) == (3, 3)


def test_crlf_comments_and_other_fields_are_passed_over() -> None:
    data = b": keep-alive\r\n\r\nevent: message\r\nid: 1\r\n" + WHOLE.replace(b"\n\n", b"\r\n\r\n").replace(
        b"data: ", b"data:"
    )
    stream, _ = read(data)
    assert (stream.tokens, stream.done) == (10, True)


def test_json_with_spaces_is_counted_too() -> None:
    spaced = b"".join(
        b"data: " + json.dumps({"choices": [{"text": "x", "finish_reason": None}]}).encode() + b"\n\n" for _ in "abc"
    )
    stream, _ = read(spaced)
    assert stream.chunks == 3


def test_a_line_of_two_mebibytes_is_read() -> None:
    big = completion("y" * (2 << 20))
    pieces = [big[i : i + 65536] for i in range(0, len(big), 65536)]
    stream, _ = read(completion("a"), *pieces, usage(2), DONE)
    assert stream.tokens == 2


@pytest.mark.parametrize(
    ("data", "kind", "detail"),
    [
        (event({"error": {"message": "engine is dead", "code": 500}}), "error_chunk", "engine is dead"),
        (b"data: {not json\n\n", "garbage", "no JSON"),
        (b"data: [1, 2]\n\n", "garbage", "no object"),
        (b"data: \xff\xfe\n\n", "garbage", "no JSON"),
        (b"data: " + b"[" * 5000 + b"\n\n", "garbage", "no"),
        (b"data: " + b"x" * (MAX_EVENT + 1), "garbage", "longer"),
    ],
)
def test_what_cannot_be_counted_is_told_by_kind(data: bytes, kind: str, detail: str) -> None:
    with pytest.raises(BadStream, match=detail) as error:
        read(completion("a"), data)
    assert error.value.kind == kind


def test_absurd_usage_is_not_believed() -> None:
    stream, _ = read(
        completion("a"), event({"choices": [], "usage": {"completion_tokens": -4, "prompt_tokens": "many"}})
    )
    assert (stream.tokens, stream.prompt_tokens) == (1, None)
