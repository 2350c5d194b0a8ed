"""The circuit breaker and the watchdog, on a clock of the test's own."""

from generate.llm.circuit_breaker import Health


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def make():
    clock = Clock()
    return Health(failures=2, rest_s=5, stuck_s=8, clock=clock), clock


def fail(health):
    assert health.enter()
    health.leave(failed=True)


def test_failures_in_a_row_open_the_circuit():
    health, _ = make()
    fail(health)
    assert health.enter()
    health.leave(failed=False)
    fail(health)
    assert health.state == "closed"
    fail(health)
    assert health.state == "open"
    assert not health.enter()


def test_after_a_rest_one_request_is_let_through_on_trial():
    health, clock = make()
    fail(health)
    fail(health)
    clock.now += 5
    assert health.state == "trial"
    assert health.enter()
    assert not health.enter()
    health.leave(failed=False)
    assert health.state == "closed"


def test_a_trial_that_fails_opens_the_circuit_again():
    health, clock = make()
    fail(health)
    fail(health)
    clock.now += 5
    fail(health)
    assert health.state == "open"


def test_an_asker_who_leaves_says_nothing_of_the_model():
    health, _ = make()
    for _round in range(5):
        assert health.enter()
        health.leave(failed=None)
    assert health.state == "closed"


def test_requests_without_a_token_for_too_long_mean_a_stuck_engine():
    health, clock = make()
    assert health.enter()
    clock.now += 7
    health.moved()
    clock.now += 7
    assert not health.stuck
    clock.now += 2
    assert health.stuck
    assert not health.enter()


def test_an_idle_model_is_not_stuck():
    health, clock = make()
    clock.now += 3600
    assert not health.stuck
    assert health.enter()
    assert not health.stuck
