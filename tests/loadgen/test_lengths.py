from __future__ import annotations

import json
from random import Random
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgen.lengths import MAX_TOKENS, Spread, parse_lengths
from loadgen.plan import Workload
from loadgen.prompts import Bodies


@pytest.mark.parametrize(
    ("text", "mean", "tolerance"),
    [("normal:128,32", 128, 2), ("uniform:64-256", 160, 3), ("lognormal:512,0.5", 512, 15)],
)
def test_lengths_have_the_mean_that_was_asked_for(text: str, mean: int, tolerance: float) -> None:
    tokens, spread = parse_lengths(text)
    assert tokens == mean
    assert spread is not None
    random = Random(1)
    drawn = [spread.draw(random, tokens) for _ in range(10_000)]
    assert fmean(drawn) == pytest.approx(mean, abs=tolerance)
    assert min(drawn) >= 1
    assert pstdev(drawn) > 20
    assert fmean(spread.draw(random, 4 * tokens) for _ in range(10_000)) == pytest.approx(4 * mean, abs=4 * tolerance)


def test_a_uniform_length_takes_both_ends_and_nothing_beyond() -> None:
    spread = Spread("uniform", 3, 6)
    random = Random(0)
    assert {spread.draw(random, spread.tokens) for _ in range(200)} == {3, 4, 5, 6}


def test_lengths_are_clipped_to_one() -> None:
    spread = Spread("normal", 2, 50)
    random = Random(0)
    drawn = [spread.draw(random, 2) for _ in range(500)]
    assert min(drawn) == 1


def test_a_plain_number_is_a_length() -> None:
    assert parse_lengths("77") == (77, None)


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "1e9", "99999999", "normal", "normal:", "normal:128", "normal:128,-1", "normal:0,1", "uniform:9-3",
     "uniform:0-3", "lognormal:512,9", "lognormal:512,nan", "poisson:3", "normal:1,2,3", "١٢٨x", "normal:\x1b,2"],
)  # fmt: skip
def test_a_bad_length_is_one_printable_line(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        parse_lengths(text)
    assert str(error.value).isprintable()


@given(st.text(max_size=30))
def test_no_text_gives_anything_but_a_length_or_an_error(text: str) -> None:
    try:
        tokens, _ = parse_lengths(text)
    except ValueError:
        return
    assert 1 <= tokens <= MAX_TOKENS


def test_each_body_has_lengths_of_its_own() -> None:
    workload = Workload(
        prompt_tokens=50,
        output_tokens=20,
        prompt_spread=Spread("uniform", 10, 90),
        output_spread=Spread("normal", 20, 5),
    )
    bodies = Bodies(workload, "m")
    made = [bodies.next() for _ in range(200)]
    sent = [json.loads(body.data) for body in made]
    assert [len(fields["prompt"]) for fields in sent] == [body.prompt_tokens for body in made]
    assert len({body.prompt_tokens for body in made}) > 30
    assert len({fields["max_tokens"] for fields in sent}) > 8
