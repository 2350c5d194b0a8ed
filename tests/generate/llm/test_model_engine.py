"""The scripted model server's engine, on a clock of steps: what it promises to benchmarks."""

import random

import pytest

from tests.fakes.model_engine import Engine, EngineLimits, Sequence
from tests.fakes.model_replies import cited_reply, pieces_of


def engine(**limits):
    return Engine(EngineLimits(**{"step_s": 0.02, "prefill_tokens_per_s": 5_000, **limits}))


def run(batch, steps=10_000):
    """Step until nothing is left; return, for each step, the sequences that wrote a token."""
    told = []
    while batch.busy and len(told) < steps:
        told.append(batch.step())
    assert not batch.busy
    return told


def submit(batch, prompt_tokens=10, reply_tokens=3):
    sequence = Sequence(prompt_tokens, reply_tokens)
    batch.submit(sequence)
    return sequence


def steps_of(told, sequence):
    return [at for at, wrote in enumerate(told, 1) if sequence in wrote]


def test_a_sequence_alone_reads_its_prompt_at_the_rate_and_then_writes_a_token_a_step():
    batch = engine()
    sequence = submit(batch, prompt_tokens=250, reply_tokens=4)  # 100 tokens of prompt a step
    assert steps_of(run(batch), sequence) == [3, 4, 5, 6]


def test_a_full_batch_takes_no_longer_for_a_token_than_an_empty_one():
    batch = engine(slots=8)
    everyone = [submit(batch) for _ in range(8)]
    told = run(batch)
    assert [steps_of(told, one) for one in everyone] == [[1, 2, 3]] * 8


def test_prompts_share_the_rate_first_come_first_served_while_others_write():
    batch = engine()
    first, second = submit(batch, 150, 5), submit(batch, 100, 1)
    told = run(batch)
    assert steps_of(told, first) == [2, 3, 4, 5, 6]
    assert steps_of(told, second) == [3]


def test_who_finds_no_slot_waits_for_the_first_that_is_free():
    batch = engine(slots=1)
    first, second = submit(batch), submit(batch)
    told = run(batch)
    assert steps_of(told, first) == [1, 2, 3]
    assert steps_of(told, second) == [4, 5, 6]


def test_who_finds_no_room_in_the_cache_waits_and_nobody_overtakes():
    batch = engine(kv_tokens=100)
    first, large, small = submit(batch, 50, 4), submit(batch, 80, 2), submit(batch, 5, 2)
    told = run(batch)
    assert steps_of(told, first) == [1, 2, 3, 4]
    assert steps_of(told, large) == steps_of(told, small) == [5, 6]


def test_a_slow_rate_below_a_token_a_step_still_reads_every_token():
    batch = engine(prefill_tokens_per_s=25)  # half a token a step
    sequence = submit(batch, 3, 1)
    assert steps_of(run(batch), sequence) == [6]


def test_a_sequence_that_is_cancelled_frees_its_slot_and_its_room():
    batch = engine(slots=1, kv_tokens=20)
    first, second, third = (submit(batch) for _ in range(3))
    batch.step()
    batch.cancel(first)
    batch.cancel(second)
    assert steps_of(run(batch), third) == [1, 2, 3]
    assert batch.kv_taken == 0
    batch.cancel(third)


def test_a_sequence_larger_than_the_cache_never_fits():
    assert not engine(kv_tokens=12).fits(Sequence(10, 3))
    assert engine(kv_tokens=13).fits(Sequence(10, 3))


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_the_limits_hold_and_every_token_is_written_once(seed):
    draw = random.Random(seed)
    batch = engine(slots=draw.randint(1, 5), kv_tokens=draw.randint(60, 200))
    arrivals, departures = [], set()
    for _ in range(200):
        if draw.random() < 0.3:
            arrivals.append(submit(batch, draw.randint(1, 40), draw.randint(1, 20)))
        if arrivals and draw.random() < 0.1:
            departures.add(departure := draw.choice(arrivals))
            batch.cancel(departure)
        batch.step()
        assert len(batch.running) <= batch.limits.slots
        assert sum(one.kv_tokens for one in batch.running) == batch.kv_taken
        assert batch.kv_taken <= batch.limits.kv_tokens
    run(batch)
    assert all(one.tokens_written == one.reply_tokens for one in arrivals if one not in departures)


def test_a_reply_quotes_the_passages_that_hold_the_questions_words_and_cites_them():
    passages = (
        '<passage number="1" title="a">\nA swan is a white bird that swims.\n</passage>\n'
        '<passage number="2" title="b">\nTickets are sold on board. The ferry to Ardal leaves the '
        "north pier at nine.\n</passage>"
    )
    messages = [{"content": f"{passages}\n\nQuestion: When does the ferry to Ardal leave?"}]
    assert cited_reply(messages, 1) == "The ferry to Ardal leaves the north pier at nine. [2]"
    assert cited_reply(messages, 2).startswith("A swan is a white bird that swims. [1] The ferry")
    assert cited_reply(messages) == cited_reply(messages)
    assert cited_reply([{"content": "Question: What?"}])


def test_a_reply_is_cut_at_the_tokens_that_were_asked_for():
    assert pieces_of("one two  three", None) == (["one", " two", "  three"], "stop")
    assert pieces_of("one two three", 2) == (["one", " two"], "length")
    assert pieces_of("", 2) == ([], "stop")
