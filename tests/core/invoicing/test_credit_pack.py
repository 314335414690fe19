from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.invoicing import CreditPack, granted
from abaque.core.money import Money, currency
from abaque.core.period import Interval, Unit

EUR, JPY = currency("EUR"), currency("JPY")
SINCE = datetime(2000, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 13, tzinfo=UTC)
PARIS = "Europe/Paris"


def eur(minor):
    return Money(minor, EUR)


def pack(paid=10000, given_too=1000, **said):
    return CreditPack("pack", eur(paid), eur(given_too), **said)


@given(
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.none() | st.builds(Interval, st.sampled_from(Unit), st.integers(1, 40)),
    st.integers(0, 100 * 365 * 86400).map(lambda seconds: SINCE + timedelta(seconds=seconds)),
    st.sampled_from([PARIS, "Pacific/Apia", "America/Sao_Paulo", "Asia/Kolkata", "UTC"]),
)
def test_a_purchase_grants_what_was_paid_and_given_until_one_local_midnight(paid, on_top, expires, at, zone):
    if paid + on_top == 0:
        return
    found = granted(pack(paid, on_top, expires=expires, priority=3, charges=("docs",)), "k", at, zone)
    assert sum(credit.left.minor for credit in found if credit.paid) == paid
    assert sum(credit.left.minor for credit in found if not credit.paid) == on_top
    assert len({credit.code for credit in found}) == len(found) == (paid > 0) + (on_top > 0)
    assert {(credit.granted, credit.priority, credit.charges) for credit in found} == {(at, 3, ("docs",))}
    (gone,) = {credit.expires for credit in found}
    assert (gone is None) is (expires is None)
    assert all(credit.alive(at) for credit in found)
    if gone is not None:
        moment = timedelta(microseconds=1)
        place = ZoneInfo(zone)
        assert all(credit.alive(gone - moment) and not credit.alive(gone) for credit in found)
        assert gone.astimezone(place).date() > (gone - moment).astimezone(place).date()


@pytest.mark.parametrize(
    ("bought", "expires", "gone"),
    [
        # Local midnight in Paris is 23:00 UTC in winter and 22:00 in summer.
        ("2026-01-31T09:00Z", Interval(Unit.MONTH), "2026-02-27T23:00Z"),
        ("2028-01-31T09:00Z", Interval(Unit.MONTH), "2028-02-28T23:00Z"),
        ("2028-02-29T09:00Z", Interval(Unit.YEAR), "2029-02-27T23:00Z"),
        ("2026-03-20T09:00Z", Interval(Unit.DAY, 14), "2026-04-02T22:00Z"),
        # 23:30 UTC on 31 May is 1 June in Paris.
        ("2026-05-31T23:30Z", Interval(Unit.YEAR), "2027-05-31T22:00Z"),
        ("2026-05-31T21:30Z", Interval(Unit.YEAR), "2027-05-30T22:00Z"),
        ("2026-05-31T21:30Z", None, None),
    ],
)
def test_the_expiry_by_hand(bought, expires, gone):
    found = granted(pack(expires=expires), "k", datetime.fromisoformat(bought), PARIS)
    assert {credit.expires for credit in found} == {None if gone is None else datetime.fromisoformat(gone)}


def test_two_purchases_of_a_pack_make_credits_of_different_codes():
    codes = [credit.code for key in ("1", "2") for credit in granted(pack(), key, NOW, PARIS)]
    assert codes == ["pack:1:paid", "pack:1:given", "pack:2:paid", "pack:2:given"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("empty_credit_pack", {"paid": eur(0), "given": eur(0)}),
        ("negative_credit", {"paid": eur(-1), "given": eur(5)}),
        ("negative_credit", {"paid": eur(5), "given": eur(-1)}),
        ("currencies_meet", {"paid": eur(5), "given": Money(5, JPY)}),
        ("currencies_meet", {"paid": eur(5), "given": eur(0), "top_up": Money(1, JPY)}),
        ("bad_top_up", {"paid": eur(5), "given": eur(5), "top_up": eur(0)}),
        ("bad_top_up", {"paid": eur(5), "given": eur(5), "top_up": eur(11)}),
        ("top_up_unpaid", {"paid": eur(0), "given": eur(5), "top_up": eur(5)}),
    ],
)
def test_a_pack_that_cannot_be_sold(fault, said):
    with pytest.raises(Fault) as caught:
        CreditPack("pack", **said)
    assert caught.value.code == fault


def test_the_bounds_of_what_can_be_sold():
    assert CreditPack("gift", eur(0), eur(1)).worth == eur(1)
    assert CreditPack("full", eur(5), eur(5), top_up=eur(10)).worth == eur(10)
    assert CreditPack("least", eur(1), eur(0), top_up=eur(1)).top_up == eur(1)
