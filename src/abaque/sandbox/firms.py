"""The people of the story: one product and the accounting firms that use it. All of them are invented.

Company and VAT numbers pass their countries' check digits and are plainly made up: French ones are of a
SIREN beginning with 000, the others are rows of nines. Mail goes to the reserved domain `.example`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Firm:
    """One customer: its legal identity, what it bought, and how many documents it handles a working day.

    `tax` is the VAT treatment its place and number ask for when a French issuer bills it: `standard`,
    `reverse_charge` (another EU country, Directive 2006/112/EC articles 44 and 196) or `none` (outside
    the EU). `zone` is the IANA zone its months are billed in. `plan` is a code in the catalogue.
    """

    external_id: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_number: str
    company_number: str
    contact: str
    email: str
    language: str
    zone: str
    plan: str
    tax: str
    daily: int
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Seller:
    """The product's own company: who issues the invoices. `capital` is in minor units of euro."""

    name: str
    legal_form: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_number: str
    company_number: str
    register: str
    capital: int
    email: str
    iban: str
    zone: str
    currency: str


SELLER = Seller(
    name="Feuillet",
    legal_form="SAS",
    street="3 quai des Registres",
    postal_code="69002",
    city="Lyon",
    country="FR",
    vat_number="FR65000100057",
    company_number="000100057",
    register="RCS Lyon",
    capital=5_000_000,
    email="facturation@feuillet.example",
    iban="FR7630006000011234567890189",  # the specimen printed in many guides to the IBAN
    zone="Europe/Paris",
    currency="EUR",
)

FIRMS: tuple[Firm, ...] = (
    Firm(
        external_id="cabinet-morel",
        name="Cabinet Morel & Associés",
        street="18 rue des Grands-Livres",
        postal_code="69003",
        city="Lyon",
        country="FR",
        vat_number="FR39000100016",
        company_number="000100016",
        contact="Hélène Morel",
        email="compta@cabinet-morel.example",
        language="fr",
        zone="Europe/Paris",
        plan="scale",
        tax="standard",
        daily=60,
    ),
    Firm(
        external_id="fiscal-garonne",
        name="Comptoir fiscal de la Garonne",
        street="7 allée du Brouillard",
        postal_code="33000",
        city="Bordeaux",
        country="FR",
        vat_number="FR63000100024",
        company_number="000100024",
        contact="Idriss Benhaïm",
        email="factures@fiscal-garonne.example",
        language="fr",
        zone="Europe/Paris",
        plan="pro",
        tax="standard",
        daily=140,
    ),
    Firm(
        external_id="atelier-mistral",
        name="Atelier comptable du Mistral",
        street="41 cours des Écritures",
        postal_code="13006",
        city="Marseille",
        country="FR",
        vat_number="FR87000100032",
        company_number="000100032",
        contact="Nour Castellane",
        email="bonjour@atelier-mistral.example",
        language="fr",
        zone="Europe/Paris",
        plan="starter",
        tax="standard",
        daily=40,
    ),
    Firm(
        external_id="le-gall-expertise",
        name="Le Gall Expertise",
        street="2 venelle du Solde",
        postal_code="35000",
        city="Rennes",
        country="FR",
        vat_number="FR14000100040",
        company_number="000100040",
        contact="Yann Le Gall",
        email="gestion@le-gall-expertise.example",
        language="fr",
        zone="Europe/Paris",
        plan="pro",
        tax="standard",
        daily=110,
    ),
    Firm(
        external_id="delvaux-fiduciaire",
        name="Fiduciaire Delvaux & Zonnebloem",
        street="56 rue du Journal-Centralisateur",
        postal_code="1000",
        city="Bruxelles",
        country="BE",
        vat_number="BE1999990144",
        company_number="1999990144",
        contact="Lieve Zonnebloem",
        email="facturen@delvaux-zonnebloem.example",
        language="fr",
        zone="Europe/Brussels",
        plan="pro",
        tax="reverse_charge",
        daily=95,
    ),
    Firm(
        external_id="harrow-finch",
        name="Harrow & Finch Accountants Ltd",
        street="9 Ledger Lane",
        postal_code="D02 XX00",
        city="Dublin",
        country="IE",
        vat_number="IE9999901S",
        company_number="999999",
        contact="Aoife Finch",
        email="accounts@harrow-finch.example",
        language="en",
        zone="Europe/Dublin",
        plan="scale",
        tax="reverse_charge",
        daily=150,
    ),
    Firm(
        external_id="kanzlei-birkenhain",
        name="Steuerkanzlei Birkenhain PartG mbB",
        street="Kontenweg 12",
        postal_code="80331",
        city="München",
        country="DE",
        vat_number="DE999999018",
        company_number="PR 99999",
        contact="Matthias Birkenhain",
        email="buchhaltung@birkenhain.example",
        language="en",
        zone="Europe/Berlin",
        plan="pro",
        tax="reverse_charge",
        daily=75,
    ),
    Firm(
        external_id="aubepine-conseil",
        name="Aubépine Conseil SA",
        street="4 quai de l'Inventaire",
        postal_code="1204",
        city="Genève",
        country="CH",
        vat_number="CHE-999.999.016 TVA",
        company_number="CHE-999.999.016",
        contact="Solange Perret",
        email="finances@aubepine-conseil.example",
        language="fr",
        zone="Europe/Zurich",
        plan="starter",
        tax="none",
        daily=80,
    ),
)
