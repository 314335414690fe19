/** Running totals for the chart and its table. Sums are exact: scaled integers, not floats. */
import type { Day } from "./data";

export interface RunningDay {
  day: string;
  quantity: string;
  total: string;
}

function scaleOf(days: readonly Day[]): number {
  return Math.max(0, ...days.map(({ quantity }) => quantity.split(".")[1]?.length ?? 0));
}

function scaled(text: string, scale: number): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(scale, "0"));
}

function written(value: bigint, scale: number): string {
  if (scale === 0) return value.toString();
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

export function running(days: readonly Day[]): RunningDay[] {
  const scale = scaleOf(days);
  let total = 0n;
  return days.map(({ day, quantity }) => {
    total += scaled(quantity, scale);
    return { day, quantity, total: written(total, scale) };
  });
}

/** How much of `quantity` lies above `included`; "0" where nothing does. */
export function beyond(quantity: string, included: string): string {
  const scale = scaleOf([{ day: "", quantity }, { day: "", quantity: included }]);
  const rest = scaled(quantity, scale) - scaled(included, scale);
  return rest > 0n ? written(rest, scale) : "0";
}
