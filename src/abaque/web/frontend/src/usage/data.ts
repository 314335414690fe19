/** What the server says about the usage of one customer. Quantities are decimal strings, money is minor units. */

export type Certainty = "provisional" | "consistent" | "verified";

export interface Money {
  amount: number;
  currency: string;
  digits: number;
}

/** One local day. Series hold every day from the first of their period, days of nothing included. */
export interface Day {
  day: string;
  quantity: string;
}

export interface MeterUsage {
  code: string;
  name: string;
  unit: string;
  quantity: string;
  included: string | null;
  not_billed: number;
  series: Day[];
  previous: Day[];
}

export interface Usage {
  as_of: string;
  zone: string;
  period: { start: string; end: string };
  currency: string;
  upcoming_net: Money;
  state: Certainty;
  meters: MeterUsage[];
}
