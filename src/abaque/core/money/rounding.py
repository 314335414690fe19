from decimal import Decimal

from abaque.core.fault import Fault

from .amount import Money
from .currency import Currency
from .exact import nearest


def to_money(exact: Decimal, currency: Currency) -> Money:
    """Round an exact amount of major units to minor units, half away from zero.

    The only way from an exact amount to money. Fault `not_exact` if it is no finite number.
    """
    if not exact.is_finite():
        raise Fault("not_exact", operation="to_money")
    numerator, denominator = exact.as_integer_ratio()
    return Money(nearest(numerator * 10**currency.digits, denominator), currency)
