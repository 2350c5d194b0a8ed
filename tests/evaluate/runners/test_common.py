import time

import pytest

from evaluate.datasets.sample_scope import scope_of
from evaluate.datasets.schema import Sample
from evaluate.errors import EmptyEvaluationError
from evaluate.runners.common import draw, side_by_side, versions


def test_a_draw_is_repeatable_keeps_the_order_and_takes_all_where_it_can():
    samples = list(range(100))
    assert draw(samples, 10) == draw(samples, 10) == sorted(draw(samples, 10))
    assert draw(samples, None) == draw(samples, 500) == samples


def test_a_limit_below_one_is_refused():
    with pytest.raises(EmptyEvaluationError, match="at least 1"):
        draw([1, 2], 0)


def test_samples_are_judged_side_by_side_and_come_back_in_order():
    assert side_by_side(lambda n: n * n, range(50), label="x", progress=False) == [
        n * n for n in range(50)
    ]


def test_an_error_stops_the_run_instead_of_judging_the_rest():
    begun = []

    def judge(sample):
        begun.append(sample)
        time.sleep(0.01)
        raise EmptyEvaluationError("nothing here")

    with pytest.raises(EmptyEvaluationError):
        side_by_side(judge, range(500), label="x", progress=False)
    assert len(begun) < 100


def test_a_sample_is_asked_as_its_principals_and_as_everybody():
    sample = Sample(id="q", question="?", principals=["user:ann"])
    assert scope_of(sample).principals == {"user:ann", "tenant:all"}


def test_the_versions_name_what_figures_depend_on():
    assert {"python", "footnote", "torch", "numpy"} <= set(versions())
