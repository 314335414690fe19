"""What the database itself knows: partitions, numbers, slots, personal data, balanced entries."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection


def one(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


def put_event(identity, time):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO event (seq, source, id, type, subject, time, time_given, received_at, data)"
            " VALUES (1, '/s', %s, 't', 'c', %s, true, %s, '{}')",
            [identity, time, time],
        )


def place(identity):
    return one("SELECT tableoid::regclass::text FROM event WHERE id = %s", identity)


@pytest.mark.django_db
def test_partitions_are_made_month_by_month_and_only_once():
    assert one("SELECT abaque_make_partitions(%s, 14)", date(2031, 11, 1)) == 14
    assert one("SELECT abaque_make_partitions(%s, 14)", date(2031, 11, 1)) == 0
    for identity, time, partition in (
        ("first", datetime(2031, 12, 1, tzinfo=UTC), "event_2031_12"),
        ("last", datetime(2031, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "event_2031_12"),
        ("leap", datetime(2032, 2, 29, 12, tzinfo=UTC), "event_2032_02"),
        ("beyond", datetime(2040, 1, 1, tzinfo=UTC), "event_other"),
    ):
        put_event(identity, time)
        assert place(identity) == partition


@pytest.mark.django_db
def test_a_month_that_lies_in_the_default_partition_stays_there():
    put_event("early", datetime(2033, 5, 31, 23, 59, tzinfo=UTC))
    assert one("SELECT abaque_make_partitions(%s, 3)", date(2033, 4, 1)) == 2
    assert place("early") == "event_other"
    put_event("later", datetime(2033, 5, 2, tzinfo=UTC))
    assert place("later") == "event_other"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1", "1"),
        ("-1.50", "-1.50"),
        ('"007"', "7"),
        ("123456789012345678.123456789012", "123456789012345678.123456789012"),
        ("1234567890123456789", None),
        ("0.1234567890123", None),
        ('"1e2"', None),
        ('"NaN"', None),
        ('"1\\n"', None),
        ("true", None),
        ("null", None),
        ("[1]", None),
    ],
)
def test_a_number_is_a_json_number_or_a_decimal_string_of_18_and_12_digits(value, number):
    assert one("SELECT abaque_number(%s::jsonb)::text", value) == number


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "word"),
    [('"a"', "a"), ("1.50", "1.50"), ("true", "true"), ("null", None), ("[]", None), ("{}", None)],
)
def test_a_word_is_a_string_number_or_boolean(value, word):
    assert one("SELECT abaque_word(%s::jsonb)", value) == word


@pytest.mark.django_db
def test_a_slot_is_a_quarter_hour_utc():
    found = one("SELECT abaque_slot(%s)", datetime(2026, 3, 29, 1, 14, 59, 999_999, tzinfo=UTC))
    assert found == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert one("SELECT abaque_slot(%s)", found) == found


@pytest.mark.django_db
def test_a_pseudonym_is_the_same_for_the_same_value_and_key_only():
    def pseudonym(value, key):
        return one("SELECT abaque_pseudonym(%s, %s)", value, key)

    assert pseudonym("192.0.2.7", b"k" * 32) == pseudonym("192.0.2.7", b"k" * 32)
    others = {pseudonym("192.0.2.7", b"l" * 32), pseudonym("192.0.2.8", b"k" * 32)}
    assert pseudonym("192.0.2.7", b"k" * 32) not in others
    assert len(others) == 2


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_does_not_sum_to_zero_per_currency_is_refused_at_commit():
    from django.db import transaction

    from abaque.storage.models import Entry, Posting

    def book(*amounts):
        with transaction.atomic():
            now = datetime(2026, 3, 1, tzinfo=UTC)
            entry = Entry.objects.create(kind="test", booked_on=now.date(), at=now)
            for amount, currency in amounts:
                Posting.objects.create(entry=entry, account="a", amount=amount, currency=currency)

    book((5, "EUR"), (-5, "EUR"), (7, "USD"), (-7, "USD"))
    for wrong in (((5, "EUR"),), ((5, "EUR"), (-5, "USD")), ((5, "EUR"), (-4, "EUR"))):
        with pytest.raises(IntegrityError):
            book(*wrong)
    assert Entry.objects.count() == 1
