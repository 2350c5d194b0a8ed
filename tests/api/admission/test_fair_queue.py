"""Whose turn it is: fair by tokens between tenants, and between the users of one."""

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from api.admission.fair_queue import Asker, FairQueue

WEIGHTS = {"a": 1.0, "b": 2.0, "c": 0.5}
COSTS = st.lists(st.integers(1, 400), min_size=40, max_size=40)


def served_in_turn(queue, rounds, costs):
    """Serve so many items, each charged its cost; return the tokens by tenant after each."""
    tokens = dict.fromkeys(WEIGHTS, 0.0)
    for _ in range(rounds):
        tenant, number = queue.pop()
        cost = costs[tenant][number % len(costs[tenant])]
        queue.charge(Asker(tenant, "u", WEIGHTS[tenant]), cost)
        tokens[tenant] += cost
        yield dict(tokens)


@seed(5)
@settings(max_examples=60, deadline=None, database=None)
@given(costs=st.fixed_dictionaries(dict.fromkeys(WEIGHTS, COSTS)))
def test_tenants_that_all_wait_are_never_further_apart_than_one_ask_of_each(costs):
    """The bound of the paper (theorem 4.4), by weight: here an ask is charged when its turn is."""
    queue = FairQueue(1_000)
    for tenant, weight in WEIGHTS.items():
        for number in range(100):
            queue.push(Asker(tenant, "u", weight), (tenant, number))
    bound = max(max(costs[tenant]) / weight for tenant, weight in WEIGHTS.items())
    for tokens in served_in_turn(queue, 90, costs):
        by_weight = [tokens[tenant] / weight for tenant, weight in WEIGHTS.items()]
        assert max(by_weight) - min(by_weight) <= bound


@seed(6)
@settings(max_examples=60, deadline=None, database=None)
@given(
    costs=st.fixed_dictionaries(dict.fromkeys(WEIGHTS, COSTS)),
    arrives=st.integers(1, 60),
)
def test_a_newcomer_gets_no_credit_for_the_time_it_was_away(costs, arrives):
    queue = FairQueue(1_000)
    for tenant in ("a", "b"):
        for number in range(200):
            queue.push(Asker(tenant, "u", WEIGHTS[tenant]), (tenant, number))
    for _ in served_in_turn(queue, arrives, costs):
        pass
    for number in range(200):
        queue.push(Asker("c", "u", WEIGHTS["c"]), ("c", number))
    bound = max(max(costs[tenant]) / weight for tenant, weight in WEIGHTS.items())
    for tokens in served_in_turn(queue, 60, costs):
        by_weight = [tokens[tenant] / weight for tenant, weight in WEIGHTS.items()]
        assert max(by_weight) - min(by_weight) <= 2 * bound


def test_a_tenant_of_twice_the_weight_gets_twice_the_turns():
    queue = FairQueue(1_000)
    for tenant, weight in (("plain", 1.0), ("gold", 2.0)):
        for number in range(60):
            queue.push(Asker(tenant, "u", weight), (tenant, weight, number))
    served = []
    for _ in range(60):
        tenant, weight, _ = queue.pop()
        queue.charge(Asker(tenant, "u", weight), 100)
        served.append(tenant)
    assert served.count("gold") == 40


def test_users_of_one_tenant_take_turns():
    queue = FairQueue(100)
    for number in range(10):
        queue.push(Asker("t", "loud"), ("loud", number))
    queue.push(Asker("t", "quiet"), ("quiet", 0))
    served = []
    for _ in range(4):
        user, number = queue.pop()
        queue.charge(Asker("t", user), 100)
        served.append((user, number))
    assert ("quiet", 0) in served[:2]
    assert [number for user, number in served if user == "loud"] == [0, 1, 2]


def test_a_full_queue_pushes_out_the_newest_of_whoever_fills_it():
    queue = FairQueue(4)
    for number in range(4):
        assert queue.push(Asker("flood", "f"), f"flood {number}") is None
    assert queue.push(Asker("flood", "f"), "one more") == "one more"
    assert queue.push(Asker("victim", "v"), "victim 0") == "flood 3"
    assert queue.push(Asker("flood", "f"), "again") == "again"
    served = sorted(queue.pop() for _ in range(len(queue)))
    assert served == ["flood 0", "flood 1", "flood 2", "victim 0"]


def test_an_item_that_is_taken_out_leaves_no_trace():
    queue = FairQueue(4)
    queue.push(Asker("t", "u"), "x")
    assert queue.remove(Asker("t", "u"), "x")
    assert not queue.remove(Asker("t", "u"), "x")
    assert len(queue) == 0
