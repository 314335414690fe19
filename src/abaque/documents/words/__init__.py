"""What rules say, in the words of people: each language is a file beside this one."""

from abaque.documents.words.credit import credit_sentence, promotion_sentence
from abaque.documents.words.fault import fault_sentence
from abaque.documents.words.figures import (
    amount_text,
    country_text,
    date_text,
    money_text,
    number_text,
    percent_text,
    span_text,
)
from abaque.documents.words.language import languages, words
from abaque.documents.words.late import late_sentence
from abaque.documents.words.plan import charge_sentences, plan_sentences
from abaque.documents.words.price import price_sentence
from abaque.documents.words.step import step_sentence

__all__ = [
    "amount_text",
    "charge_sentences",
    "country_text",
    "credit_sentence",
    "date_text",
    "fault_sentence",
    "languages",
    "late_sentence",
    "money_text",
    "number_text",
    "percent_text",
    "plan_sentences",
    "price_sentence",
    "promotion_sentence",
    "span_text",
    "step_sentence",
    "words",
]
