"""Places for asks: bounded, by turns, refused early; with a clock of our own."""

import pytest

from api.admission.controller import Admission, AdmissionLimits
from api.admission.fair_queue import Asker
from api.errors import OverloadedError

ANN, BOB = Asker("north", "ann"), Asker("south", "bob")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def admission(clock, **limits):
    return Admission(AdmissionLimits(**{"working": 1, "slots": 2, "waiting": 3, **limits}), clock)


def test_a_place_is_given_at_once_while_there_is_one(clock):
    assert admission(clock).enter(ANN).grant.done()


def test_where_nobody_may_wait_a_free_place_is_given_and_else_refused(clock):
    desk = admission(clock, waiting=0)
    first = desk.enter(ANN)
    assert first.grant.done()
    with pytest.raises(OverloadedError):
        desk.enter(BOB)
    assert (desk.waiting, desk.under_way) == (0, 1)
    first.leave()
    assert desk.enter(BOB).grant.done()


def test_whoever_waits_for_a_model_makes_room_for_the_next_that_computes(clock):
    desk = admission(clock)
    first, second = desk.enter(ANN), desk.enter(ANN)
    assert not second.grant.done()
    with first.without_core():
        assert second.grant.done()
        assert desk.under_way == 2


def test_whoever_has_heard_the_model_computes_again_before_those_who_have_not_begun(clock):
    desk = admission(clock, slots=5)
    first, second, third = (desk.enter(ANN) for _ in range(3))
    with first.without_core():
        assert second.grant.done()
    second.leave()
    assert not third.grant.done()
    with first.without_core():
        assert third.grant.done()
    first.leave()
    third.leave()
    assert desk.enter(ANN).grant.done()


def test_a_wait_is_foreseen_from_all_the_computing_of_an_ask_and_not_from_its_models_time(clock):
    desk = admission(clock, slots=100, waiting=50, wait_s=8)
    for _ in range(5):
        place = desk.enter(ANN)
        clock.now += 1  # it reads the question
        with place.without_core():
            clock.now += 100  # the rewriter's model
        clock.now += 2  # it searches
        with place.without_core():
            clock.now += 100  # the answer's model
        place.leave()
    desk.enter(ANN)
    desk.enter(ANN)
    with pytest.raises(OverloadedError) as error:
        desk.enter(ANN)
    assert error.value.retry_after == 6


def test_a_place_that_ended_while_the_model_spoke_takes_no_core_again(clock):
    desk = admission(clock)
    place = desk.enter(ANN)
    with place.without_core():
        place.leave()
    assert desk.enter(BOB).grant.done()


def test_no_more_are_under_way_than_there_are_places(clock):
    desk = admission(clock)
    first, second, third = (desk.enter(ANN) for _ in range(3))
    with first.without_core(), second.without_core():
        assert not third.grant.done()
        first.leave(10)
        assert third.grant.done()


def test_a_place_that_ends_twice_ends_once(clock):
    desk = admission(clock)
    place = desk.enter(ANN)
    place.leave()
    place.leave()
    with place.without_core():
        assert desk.under_way == 0
    assert desk.enter(ANN).grant.done()


def test_a_full_queue_refuses_and_says_when_to_come_back(clock):
    desk = admission(clock)
    for _ in range(4):
        desk.enter(ANN)
    with pytest.raises(OverloadedError) as error:
        desk.enter(ANN)
    assert error.value.status == 429
    assert error.value.retry_after >= 1
    assert desk.waiting == 3


def test_a_flooding_tenant_gives_way_to_another_one(clock):
    desk = admission(clock)
    slots = [desk.enter(ANN) for _ in range(4)]
    bob = desk.enter(BOB)
    assert isinstance(slots[3].grant.exception(), OverloadedError)
    slots[0].leave(1000)
    assert bob.grant.done()


def test_an_ask_whose_turn_would_come_too_late_is_refused_before_it_waits(clock):
    desk = admission(clock, waiting=100, wait_s=10)
    for seconds in (60, 3, 3, 3, 3):  # the first loads models; then an ask takes three seconds
        place = desk.enter(ANN)
        clock.now += seconds
        place.leave()
    desk.enter(ANN)
    desk.enter(ANN)
    with pytest.raises(OverloadedError) as error:
        desk.enter(ANN)
    assert error.value.retry_after == 6
    assert not desk.enter(BOB).grant.done()  # the other tenant's turn comes earlier


def test_nothing_is_foreseen_from_the_first_few(clock):
    desk = admission(clock, waiting=100, wait_s=5)
    place = desk.enter(ANN)
    clock.now += 60
    place.leave()
    assert len([desk.enter(ANN) for _ in range(50)]) == 50


def test_who_gives_up_waiting_takes_no_turn(clock):
    desk = admission(clock)
    first, second, third = (desk.enter(ANN) for _ in range(3))
    second.leave()
    first.leave()
    assert third.grant.done()
    assert (desk.waiting, desk.under_way) == (0, 1)


def test_what_was_charged_too_much_is_given_back(clock):
    desk = admission(clock, waiting=10)
    other_slot = desk.enter(Asker("other", "o"))
    ann = [desk.enter(ANN, 1000) for _ in range(3)]
    bob = [desk.enter(BOB, 1000) for _ in range(3)]
    other_slot.leave()
    ann[0].leave(10)  # it cost little, so Ann's second turn comes before Bob's first
    assert bob[0].grant.done()
    bob[0].leave(1000)
    assert ann[1].grant.done()
    assert not bob[1].grant.done()


def test_what_would_be_refused_is_known_before_anything_is_done(clock):
    desk = admission(clock)
    for _ in range(4):
        desk.check_room(ANN)
        desk.enter(ANN)
    with pytest.raises(OverloadedError) as error:
        desk.check_room(ANN)
    assert error.value.retry_after >= 1
    desk.check_room(BOB)  # Ann's newest would give way
    assert (desk.waiting, desk.under_way) == (3, 1)


def test_without_a_queue_an_ask_is_served_at_once_or_refused(clock):
    desk = admission(clock, waiting=0)
    first = desk.enter(ANN)
    assert first.grant.done()
    with pytest.raises(OverloadedError):
        desk.enter(BOB)
    first.leave()
    assert desk.enter(BOB).grant.done()
