"""Values of attributes as they stand in JSON: what counts, what nearly counts, and junk."""

NUMBERS = ("0", "1", "2", "-3", "-0", "1.50", "1e2", "1E-3", "0.000000000001", "123456789012345678.5")
NEARLY = ("1e-13", "1e18", "1234567890123456789", "0.1234567890123", "1.5000000000000000")
STRINGS = (
    '"1"',
    '"1.50"',
    '"-0.0"',
    '"007"',
    '"+1"',
    '"1e2"',
    '" 1"',
    '"1\\n"',
    '"NaN"',
    '"Infinity"',
    '""',
    '"١"',
)
JUNK = ("null", "true", "false", "{}", "[]", "[1]", '{"n": 1}', '"eu"', '"é\\u0001"')
VALUES = NUMBERS + NEARLY + STRINGS + JUNK
REGIONS = ('"eu"', '"us"', '"EU"', "1", "1.0", '"1"', "true", "null", "[]", '["eu"]', "{}")
OUTCOMES = ('"success"', '"success"', '"ok"', '"failure"', "null", "true", "1", '{"a": 1}', '""')
KEYS = ('"k1"', '"k2"', '"k3"', '"k4"', "1", '"1"', "1.0", "true", "null", "[]", '{"a": 1}')
