from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.invoicing import Discount, Promotion, redeem
from abaque.core.period import Span

OFF = Discount("spring", percent=Decimal(20), times=3)
SPRING = Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
CODE = Promotion(
    "SPRING20", OFF, SPRING, ("pro", "team"), new_customers=True, limit=100, limit_per_customer=1
)
FINE = {
    "at": datetime(2026, 4, 1, tzinfo=UTC),
    "plan": "pro",
    "new_customer": True,
    "redeemed": 99,
    "redeemed_by_customer": 0,
}


@given(st.integers(1, 20), st.integers(1, 5), st.lists(st.sampled_from("abcdef"), max_size=40))
def test_a_code_is_never_redeemed_more_often_than_its_limits_say(limit, own, asking):
    code = Promotion("X", OFF, limit=limit, limit_per_customer=own)
    done: list[str] = []
    for customer in asking:
        with suppress(Fault):
            redeem(
                code,
                at=FINE["at"],
                plan="pro",
                new_customer=False,
                redeemed=len(done),
                redeemed_by_customer=done.count(customer),
            )
            done.append(customer)
    assert len(done) <= limit
    assert all(
        done.count(customer) == min(own, asking.count(customer)) or len(done) == limit for customer in asking
    )


def test_a_code_gives_its_discount():
    assert redeem(CODE, **FINE) == OFF
    assert redeem(CODE, **FINE | {"at": SPRING.start}) == OFF


@pytest.mark.parametrize(
    ("reason", "changed"),
    [
        ("promotion_not_begun", {"at": datetime(2026, 2, 28, 23, 59, tzinfo=UTC)}),
        ("promotion_over", {"at": SPRING.end}),
        ("promotion_for_other_plans", {"plan": "free"}),
        ("promotion_for_new_customers", {"new_customer": False}),
        ("promotion_used", {"redeemed_by_customer": 1}),
        ("promotion_used_up", {"redeemed": 100}),
    ],
)
def test_a_refusal_names_its_reason(reason, changed):
    with pytest.raises(Fault) as caught:
        redeem(CODE, **FINE | changed)
    assert caught.value.code == reason
    assert caught.value.params["promotion"] == "SPRING20"
