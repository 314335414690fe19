"""A verb carried out once is carried out once: keys, changed input, two at a time, who may."""

import pytest

from abaque.billing.permissions import Actor, Kind
from abaque.billing.runner import Forbidden, KeyReused, Refused
from abaque.billing.subscribe import Subscribe, subscribe


def ready(house):
    house.catalogue()
    house.issuer()
    house.customer()


def command(house, **changes):
    return Subscribe(
        **{"customer": "dupont", "plan": "pro", "starts_at": house.instant("2026-03-01"), **changes}
    )


def test_the_same_key_and_input_give_the_same_result_and_act_once(house):
    ready(house)
    first = house.perform(subscribe, command(house), key="k")
    again = house.perform(subscribe, command(house), key="k")
    assert again == first
    assert house.rows("SELECT count(*) FROM subscription") == [(1,)]
    assert house.rows("SELECT count(*) FROM action WHERE verb = 'subscribe'") == [(1,)]


def test_the_same_key_with_other_input_is_refused(house):
    ready(house)
    house.perform(subscribe, command(house), key="k")
    with pytest.raises(KeyReused):
        house.perform(subscribe, command(house, plan="usage"), key="k")
    assert house.rows("SELECT count(*) FROM subscription") == [(1,)]


def test_a_key_is_its_callers_own_and_its_verbs_own(house):
    from abaque.billing.put_issuer import PutIssuer, put_issuer

    ready(house)
    one, other = (Actor(Kind.KEY, name, frozenset({"customers:write"})) for name in ("one", "other"))
    house.perform(subscribe, command(house), key="k", by=one)
    house.perform(subscribe, command(house, plan="usage"), key="k", by=other)
    house.perform(put_issuer, PutIssuer("papier", {}), key="k", by=one)
    assert house.rows("SELECT count(*) FROM subscription") == [(2,)]


def test_a_refused_verb_leaves_its_key_free(house):
    ready(house)
    with pytest.raises(Refused):
        house.perform(subscribe, command(house, customer="nobody"), key="k")
    house.customer("nobody")
    house.perform(subscribe, command(house, customer="nobody"), key="k")


def test_many_at_once_with_one_key_act_once_and_get_one_result(house, in_threads):
    ready(house)
    results = in_threads(*[lambda: house.perform(subscribe, command(house), key="k")] * 6)
    assert all(result == results[0] for result in results), results
    assert house.rows("SELECT count(*) FROM subscription") == [(1,)]


def test_without_a_key_two_acts_are_two(house):
    from abaque.billing.put_issuer import PutIssuer, put_issuer

    ready(house)
    before = house.rows("SELECT count(*) FROM action")[0][0]
    for _ in range(2):
        house.perform(put_issuer, PutIssuer("papier", {}))
    assert house.rows("SELECT count(*) FROM action")[0][0] == before + 2


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("owner", True), ("finance", True), ("support", False), ("auditor", False), ("read", False)],
)
def test_only_who_may_acts_and_a_refusal_leaves_no_trace(house, role, allowed):
    ready(house)
    actor = Actor(Kind.STAFF, "someone@example.com", frozenset({role}))
    before = house.rows("SELECT count(*) FROM action")[0][0]
    if allowed:
        house.perform(subscribe, command(house), by=actor)
        assert house.rows("SELECT actor FROM action ORDER BY id DESC LIMIT 1") == [
            ("staff:someone@example.com",)
        ]
    else:
        with pytest.raises(Forbidden):
            house.perform(subscribe, command(house), by=actor)
        assert house.rows("SELECT count(*) FROM action")[0][0] == before


def test_a_verb_nobody_knows_is_nobodys(house):
    def rob_the_bank(*_, **__):
        raise AssertionError

    with pytest.raises(Forbidden):
        house.perform(rob_the_bank, command(house))


def test_a_verb_that_fails_half_way_leaves_nothing(house):
    ready(house)

    def subscribe(_, *, now, by):
        from abaque.billing.put_customer import PutCustomer, put_customer

        put_customer(PutCustomer("half"), now=now, by=by)
        raise Refused("in_the_middle")

    with pytest.raises(Refused, match="in_the_middle"):
        house.perform(subscribe, command(house))
    assert house.rows("SELECT count(*) FROM customer WHERE external_id = 'half'") == [(0,)]
