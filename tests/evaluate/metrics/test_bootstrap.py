import random

from evaluate.metrics.bootstrap import interval_of, interval_of_mean


def test_the_interval_of_a_mean_covers_the_true_mean_about_as_often_as_it_says():
    draw = random.Random(7)
    covered_count = 0
    for _ in range(200):
        interval = interval_of_mean([draw.random() for _ in range(40)], resamples=400)
        covered_count += interval.low <= 0.5 <= interval.high
    assert 0.88 <= covered_count / 200 <= 0.99


def test_the_interval_is_the_same_each_time():
    values = [0.1, 0.5, 0.7, 0.2]
    assert interval_of_mean(values) == interval_of_mean(values)


def test_one_value_has_no_interval():
    assert interval_of_mean([0.5]) is None
    assert interval_of_mean([]) is None
    assert interval_of(lambda places: 1.0, 1) is None


def test_a_statistic_of_items_has_the_interval_of_its_mean():
    values = [random.Random(3).random() for _ in range(50)]
    mean = interval_of_mean(values)
    same = interval_of(lambda places: sum(values[i] for i in places) / len(places), len(values))
    assert abs(mean.low - same.low) < 0.02
    assert abs(mean.high - same.high) < 0.02


def test_a_statistic_that_most_resamples_cannot_judge_has_no_interval():
    assert interval_of(lambda places: None, 10) is None
