from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgen.plan import Ramp, Workload, split
from loadgen.prompts import Bodies
from loadgen.target import BadTarget, key_from_environment, parse_target


@given(st.integers(0, 10_000), st.integers(1, 64))
def test_a_concurrency_is_split_exactly_and_evenly(target: int, workers: int) -> None:
    parts = split(target, workers)
    assert sum(parts) == target
    assert max(parts) - min(parts) <= 1


def test_a_ramp_holds_each_level_and_ends_with_nothing() -> None:
    ramp = Ramp([1, 4], 10.0)
    assert [ramp.due(t) for t in (0.0, 5.0, 10.0, 12.0, 20.0, 30.0)] == [1, None, 4, None, 0, None]
    assert ramp.done


def test_a_ramp_can_be_held_on_and_cancelled() -> None:
    ramp = Ramp([1, 4], 10.0)
    assert ramp.due(0.0) == 1
    ramp.extend(15.0)
    assert ramp.due(12.0) is None
    assert ramp.due(15.0) == 4
    ramp.cancel()
    assert ramp.due(1000.0) is None


def test_the_same_seed_sends_the_same_bytes() -> None:
    one, same, other = (Bodies(Workload(seed=seed), "m") for seed in (1, 1, 2))
    first = [one.next().data for _ in range(5)]
    assert [same.next().data for _ in range(5)] == first
    assert [other.next().data for _ in range(5)] != first
    assert len(set(first)) == 5, "no two prompts are alike: a prefix cache must not flatter"


def test_workers_send_different_prompts() -> None:
    assert Bodies(Workload(), "m", 0).next().data != Bodies(Workload(), "m", 1).next().data


def test_a_completion_is_random_ids_of_the_exact_length() -> None:
    body = Bodies(Workload(prompt_tokens=77, output_tokens=5, token_id_low=100, token_id_high=200), "a/b").next()
    fields = json.loads(body.data)
    assert len(fields["prompt"]) == body.prompt_tokens == 77
    assert all(100 <= token < 200 for token in fields["prompt"])
    assert (fields["model"], fields["max_tokens"], fields["stream"], fields["ignore_eos"]) == ("a/b", 5, True, True)
    assert fields["stream_options"] == {"include_usage": True}


def test_a_chat_is_text_and_names_are_escaped() -> None:
    body = Bodies(Workload(endpoint="chat", ignore_eos=False), 'odd "name"\n').next()
    fields = json.loads(body.data)
    assert fields["model"] == 'odd "name"\n'
    assert fields["messages"][0]["role"] == "user"
    assert len(fields["messages"][0]["content"].split()) == 128
    assert "ignore_eos" not in fields
    assert body.prompt_tokens is None


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://gpu1:8000", "http://gpu1:8000"),
        ("http://gpu1:8000/v1", "http://gpu1:8000"),
        ("gpu1:8000/", "http://gpu1:8000"),
        ("https://llm.example.com/base/v1/?key=1#x", "https://llm.example.com/base"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://user:secret@gpu1:8000", "http://gpu1:8000"),
    ],
)
def test_addresses_are_brought_into_one_form(text: str, url: str) -> None:
    target = parse_target(text)
    assert target.url == url
    assert parse_target(target.url).url == url


def test_credentials_go_to_a_header_and_nowhere_else() -> None:
    target = parse_target("http://user:s3cret@gpu1:8000")
    assert target.authorization == "Basic dXNlcjpzM2NyZXQ="
    assert parse_target("http://gpu1", key="k").authorization == "Bearer k"
    assert "Basic" not in repr(target)
    assert "s3cret" not in repr(target)


@pytest.mark.parametrize(
    "text", ["", "ftp://x", "http://", "http://a b", "http://x:99999", "http://x:y", "http://ex\x1b[31m"]
)
def test_a_bad_address_is_one_printable_line(text: str) -> None:
    with pytest.raises(BadTarget) as error:
        parse_target(text)
    assert str(error.value).isprintable()


def test_a_bad_address_does_not_show_its_password() -> None:
    with pytest.raises(BadTarget) as error:
        parse_target("http://user:s3cret@host:port")
    assert "s3cret" not in str(error.value)


def test_a_key_with_line_ends_cannot_reach_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOFTOP_API_KEY", "a\r\nX-Evil: 1")
    with pytest.raises(BadTarget, match="ROOFTOP_API_KEY"):
        key_from_environment()
