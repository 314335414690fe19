/** What the component says, in the two languages, and how it writes figures. */
import type { Certainty, Money, Usage } from "./data";

const ENGLISH = {
  heading: "Usage of this period",
  period: (from: string, to: string) => `${from} to ${to}`,
  written: (day: string) => day,
  upcoming: "Upcoming amount, net of tax",
  meter: "What is counted",
  used: "Used",
  included: "Included",
  beyond: "Beyond the allowance",
  failed: "Not billed (failures)",
  nothing: "Nothing has been counted in this period yet. The first event appears here within two seconds.",
  chart: "Chart of",
  thisPeriod: "This period",
  lastPeriod: "Last period",
  allowance: "Included",
  chartSays: (now: string, unit: string, then: string) =>
    `Running total by day (${unit}): ${now} so far in this period, against ${then} at the end of the last one. The table below has every day.`,
  days: (meter: string) => `The figures day by day: ${meter}`,
  day: "Day",
  thatDay: "That day",
  total: "Running total",
  live: "live",
  polling: "refreshed every 10 seconds",
  lost: "connection lost, trying again",
  asOf: (time: string) => `as of ${time}`,
  state: {
    provisional: ["Provisional", "the latest hours are still open and may change"],
    consistent: ["Consistent", "recomputed from the raw events with the same result"],
    verified: ["Verified", "confirmed by a count made outside the billing system"],
  } satisfies Record<Certainty, [string, string]>,
};

const FRENCH: typeof ENGLISH = {
  heading: "Consommation de la période",
  period: (from, to) => `du ${from} au ${to}`,
  /** The first of a month is an ordinal in French, which Intl does not know. */
  written: (day) => day.replace(/^1 /, "1er "),
  upcoming: "Montant à venir, hors taxes",
  meter: "Ce qui est compté",
  used: "Consommé",
  included: "Inclus",
  beyond: "Au-delà de l’inclus",
  failed: "Non facturé (échecs)",
  nothing: "Rien n’a encore été compté sur cette période. Le premier événement apparaît ici en deux secondes.",
  chart: "Graphique de",
  thisPeriod: "Cette période",
  lastPeriod: "Période précédente",
  allowance: "Inclus",
  chartSays: (now, unit, then) =>
    `Cumul par jour (${unit})\u00a0: ${now} à ce stade de la période, contre ${then} à la fin de la précédente. Le tableau ci-dessous donne chaque jour.`,
  days: (meter) => `Les chiffres jour par jour\u00a0: ${meter}`,
  day: "Jour",
  thatDay: "Ce jour",
  total: "Cumul",
  live: "en direct",
  polling: "actualisé toutes les 10 secondes",
  lost: "connexion perdue, nouvel essai en cours",
  asOf: (time) => `au ${time}`,
  state: {
    provisional: ["Provisoire", "les dernières heures sont encore ouvertes et peuvent changer"],
    consistent: ["Cohérent", "recalculé depuis les événements bruts avec le même résultat"],
    verified: ["Vérifié", "confirmé par un décompte fait hors du système de facturation"],
  },
};

export type Words = typeof ENGLISH & Formats;

interface Formats {
  quantity: (decimal: string) => string;
  money: (money: Money) => string;
  date: (day: string) => string;
  dayOfMonth: (day: string) => string;
  span: (usage: Usage) => string;
  moment: (usage: Usage) => string;
}

type Decimal = Intl.StringNumericLiteral;

/** Writes minor units as an exact decimal: no floating point touches money. */
export function decimal(money: Money): Decimal {
  const digits = String(Math.abs(money.amount)).padStart(money.digits + 1, "0");
  const point = digits.length - money.digits;
  const text = money.digits === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return `${money.amount < 0 ? "-" : ""}${text}` as Decimal;
}

function formats(language: string, words: typeof ENGLISH): Formats {
  const locale = language === "fr" ? "fr-FR" : "en-GB";
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 12 });
  const long = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const short = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
  return {
    quantity: (value) => number.format(value as Decimal),
    money: (money) =>
      new Intl.NumberFormat(locale, {
        style: "currency",
        currency: money.currency,
        minimumFractionDigits: money.digits,
        maximumFractionDigits: money.digits,
      }).format(decimal(money)),
    date: (day) => words.written(long.format(new Date(`${day}T00:00:00Z`))),
    dayOfMonth: (day) => short.format(new Date(`${day}T00:00:00Z`)),
    span: ({ period, zone }) => {
      const local = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", timeZone: zone });
      const lastInstant = new Date(new Date(period.end).getTime() - 1);
      const [first, last] = [new Date(period.start), lastInstant].map((day) => words.written(local.format(day)));
      return words.period(first ?? "", last ?? "");
    },
    moment: ({ as_of, zone }) =>
      new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone: zone }).format(new Date(as_of)),
  };
}

export function wordsFor(language: string): Words {
  const french = language.toLowerCase().startsWith("fr");
  const words = french ? FRENCH : ENGLISH;
  return { ...words, ...formats(french ? "fr" : "en", words) };
}
