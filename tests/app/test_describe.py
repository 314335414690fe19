"""`abaque catalog describe`: what a file sells, as its customers would read it."""

from argparse import Namespace
from pathlib import Path

import pytest

from abaque.app.commands.catalogue import run_describe

CATALOGUE = """
meters: {docs: {event: doc, aggregate: count, unit: {en: document, fr: document}}}
plans:
  pro:
    version: 2
    name: {en: Professional, fr: Professionnel}
    currency: EUR
    trial: 14d
    charges:
      docs: {name: Documents, meter: docs, price: {model: per_unit, unit: "0.10"}}
addons:
  seats: {name: {en: Seats, fr: Places}, currency: EUR, plans: pro, charges: {extra: {price: {model: flat, amount: 5}}}}
  help: {currency: EUR, charges: {helped: {price: {model: flat, amount: 9}, prorate: none}}}
credits:
  pack: {name: {en: Pack, fr: Recharge}, currency: EUR, paid: 100, charges: [docs]}
promotions:
  HELLO: {percent: 20, limit_per_customer: none}
"""
SAID = {
    "en": """\
Professional (pro, version 2)
  Documents: €0.10 per document; billed at the end of the period.
  Trial: free for 14 days, usage included.
Seats (seats, add-on to pro)
  extra: €5.00 per period; billed at the end of the period, part periods by the day.
help (help, add-on to any plan in EUR)
  helped: €9.00 per period; billed at the end of the period, part periods in full.
Pack (pack): €100.00 of credit; no expiry; only for docs.
HELLO: 20% off; on every invoice.
""",
    "fr": """\
Professionnel (pro, version 2)
  Documents : 0,10 € par document ; facturé à terme échu.
  Essai : gratuit pendant 14 jours, consommation comprise.
Places (seats, option pour pro)
  extra : 5,00 € par période ; facturé à terme échu, une période incomplète se compte au jour près.
help (help, option pour toute offre en EUR)
  helped : 9,00 € par période ; facturé à terme échu, une période incomplète est due en entier.
Recharge (pack) : 100,00 € de crédit ; sans expiration ; seulement pour docs.
HELLO : 20 % de réduction ; sur chaque facture.
""",
}


@pytest.mark.parametrize("lang", SAID)
def test_everything_that_a_file_sells_says_itself(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plans.yaml"
    file.write_text(CATALOGUE, encoding="utf-8")
    assert run_describe(Namespace(file=file, lang=lang)) == 0
    printed = capsys.readouterr()
    assert printed.out.replace("\u202f", " ").replace("\u00a0", " ") == SAID[lang]
    warned = [line.split(": ")[0] for line in printed.err.splitlines()]
    assert warned == [f"plans.yaml:{line}:1" for line in (12, 13, 15, 17)]
