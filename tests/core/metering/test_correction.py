"""What corrections leave standing, worked out by hand and as laws."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from abaque.core.metering import Correction, CorrectionKind, Fate, Identity, Struck, struck

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A: Identity = ("/app", "a")


def void(identity: str, target: Identity, minute: int = 0) -> Correction:
    return Correction(NOON + timedelta(minutes=minute), "/fix", identity, CorrectionKind.VOID, target)


def amend(identity: str, target: Identity, minute: int = 0) -> Correction:
    return Correction(NOON + timedelta(minutes=minute), "/fix", identity, CorrectionKind.AMEND, target)


def said(*corrections: Correction) -> dict[str, tuple[str, str]]:
    return {identity: (state.fate.value, state.by[1]) for (_, identity), state in struck(corrections).items()}


def test_of_nothing_everything_stands() -> None:
    assert said() == {}


def test_a_void_takes_back_the_event_and_all_that_amended_it() -> None:
    m, n = amend("m", A), amend("n", ("/fix", "m"))
    assert said(m, n, void("v", A)) == {"a": ("voided", "v"), "m": ("voided", "v"), "n": ("voided", "v")}


def test_the_latest_amendment_stands_and_what_amends_a_lesser_one_falls_with_it() -> None:
    lesser, greater, below = amend("m", A), amend("n", A, 1), amend("o", ("/fix", "m"), 2)
    expected = {"a": ("replaced", "n"), "m": ("replaced", "n"), "o": ("replaced", "n")}
    assert said(lesser, greater, below) == expected


def test_an_amended_amendment_is_replaced_too() -> None:
    assert said(amend("m", A), amend("n", ("/fix", "m"))) == {"a": ("replaced", "m"), "m": ("replaced", "n")}


def test_voiding_an_amendment_brings_back_what_stood_before() -> None:
    assert said(amend("m", A), void("v", ("/fix", "m"))) == {"m": ("voided", "v")}
    before, after = amend("m", A), amend("n", A, 1)
    assert said(before, after, void("v", ("/fix", "n"))) == {"a": ("replaced", "m"), "n": ("voided", "v")}


def test_amendments_that_amend_each_other_have_no_root() -> None:
    assert said(amend("m", ("/fix", "n")), amend("n", ("/fix", "m"))) == {}


def test_a_chain_of_a_thousand_amendments_is_followed() -> None:
    chain = [amend("0", A), *(amend(str(n), ("/fix", str(n - 1))) for n in range(1, 1000))]
    found = struck(chain)
    assert len(found) == 1000
    assert ("/fix", "999") not in found


@st.composite
def many(draw: st.DrawFn) -> list[Correction]:
    """Corrections 0, 1, 2 … of events or of amendments before them, so that there is no circle."""
    found: list[Correction] = []
    for n in range(draw(st.integers(0, 6))):
        earlier = [one.identity for one in found if one.kind is CorrectionKind.AMEND]
        target = draw(st.sampled_from([A, ("/app", "b"), *earlier]))
        make = draw(st.sampled_from((void, amend)))
        found.append(make(str(n), target, draw(st.integers(0, 2))))
    return found


@given(many(), st.randoms())
def test_the_order_in_which_corrections_come_changes_nothing(corrections, rng) -> None:
    shuffled = list(corrections)
    rng.shuffle(shuffled)
    assert struck(shuffled) == struck(corrections)


@given(many())
def test_each_event_stands_at_most_once(corrections) -> None:
    """Of an event and all that amends it one stands, or none if it is voided."""
    found = struck(corrections)
    for root in (A, ("/app", "b")):
        tree = [root]
        for identity in tree:
            amends = (
                one for one in corrections if one.kind is CorrectionKind.AMEND and one.target == identity
            )
            tree += [one.identity for one in amends]
        standing = [identity for identity in tree if identity not in found]
        voided = any(one.kind is CorrectionKind.VOID and one.target == root for one in corrections)
        assert len(standing) == (0 if voided else 1)


def test_why_something_does_not_stand_names_the_correction() -> None:
    assert struck([void("v", A)]) == {A: Struck(Fate.VOIDED, ("/fix", "v"))}
