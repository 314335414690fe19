/** The month as two curves and a line: this period, the last one, and what is included. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { MeterUsage, Usage } from "./data";
import { running } from "./running";
import type { Words } from "./words";

const DAY_MS = 86_400_000;
const HEIGHT_PX = 220;

interface Inks {
  now: string;
  then: string;
  allowance: string;
  grid: string;
  text: string;
}

interface Curves {
  data: uPlot.AlignedData;
  labels: string[];
}

/** The local calendar days of the period, as YYYY-MM-DD; rounding takes the daylight-saving hour out. */
function daysOf({ period, zone }: Usage): string[] {
  const start = new Date(period.start).getTime();
  const count = Math.round((new Date(period.end).getTime() - start) / DAY_MS);
  const first = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(start));
  const firstMs = Date.parse(`${first}T00:00:00Z`);
  return Array.from({ length: count }, (_, day) => new Date(firstMs + day * DAY_MS).toISOString().slice(0, 10));
}

function curvesOf(usage: Usage, meter: MeterUsage, words: Words): Curves {
  const days = daysOf(usage);
  const now = running(meter.series).map(({ total }) => Number(total));
  const then = running(meter.previous).map(({ total }) => Number(total));
  const width = Math.max(days.length, then.length, 2);
  const line = Array.from({ length: width }, (_, day) => day);
  const included = meter.included === null ? null : Number(meter.included);
  return {
    data: [
      line,
      line.map((day) => then[day] ?? null),
      line.map((day) => now[day] ?? null),
      line.map(() => included),
    ],
    labels: days.map((day) => words.dayOfMonth(day)),
  };
}

/** Colours are read from the legend, which the style sheet paints, so chart and legend cannot disagree. */
function inksFrom(legend: HTMLElement): Inks {
  const of = (name: string): string => {
    const key = legend.querySelector(`[data-ink="${name}"]`);
    return key ? getComputedStyle(key).color : "gray";
  };
  return { now: of("now"), then: of("then"), allowance: of("allowance"), grid: of("grid"), text: of("text") };
}

function options(width: number, inks: Inks, labels: string[], words: Words): uPlot.Options {
  const axis = { stroke: inks.text, font: "12px Inter, system-ui, sans-serif", ticks: { show: false } };
  const curve = (stroke: string, more: Partial<uPlot.Series>): uPlot.Series => ({ stroke, points: { show: false }, ...more });
  return {
    width,
    height: HEIGHT_PX,
    padding: [10, 26, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_chart, _low, high) => [0, Math.max(high * 1.06, 1)] } },
    axes: [
      { ...axis, size: 30, grid: { show: false }, space: 64, incrs: [1, 2, 5, 7, 10, 15], values: (_chart, ticks) => ticks.map((tick) => labels[tick] ?? "") },
      {
        ...axis,
        grid: { stroke: inks.grid, width: 1 },
        space: 44,
        size: (_chart, values) => 16 + 7 * Math.max(2, ...(values ?? []).map((value) => value.length)),
        values: (_chart, ticks) => ticks.map((tick) => words.quantity(String(tick))),
      },
    ],
    series: [
      {},
      curve(inks.then, { width: 1.5, dash: [4, 4] }),
      curve(inks.now, { width: 2.5 }),
      curve(inks.allowance, { width: 1, dash: [1, 3] }),
    ],
  };
}

function Legend({ meter, words, legend }: { meter: MeterUsage; words: Words; legend: preact.Ref<HTMLParagraphElement> }) {
  return (
    <p class="legend" ref={legend} aria-hidden="true">
      <span data-ink="now">{words.thisPeriod}</span>
      {meter.previous.length > 0 && <span data-ink="then">{words.lastPeriod}</span>}
      {meter.included !== null && <span data-ink="allowance">{words.allowance}</span>}
      <i data-ink="grid" />
      <i data-ink="text" />
    </p>
  );
}

export function Chart({ usage, meter, words }: { usage: Usage; meter: MeterUsage; words: Words }) {
  const place = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLParagraphElement>(null);

  useEffect(() => {
    const box = place.current;
    const keys = legend.current;
    if (!box || !keys) return;
    let chart: uPlot | undefined;
    const draw = (): void => {
      const { data, labels } = curvesOf(usage, meter, words);
      chart?.destroy();
      chart = new uPlot(options(box.clientWidth, inksFrom(keys), labels, words), data, box);
    };
    const resized = new ResizeObserver(draw);
    const themed = new MutationObserver(draw);
    const system = matchMedia("(prefers-color-scheme: dark)");
    resized.observe(box);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    system.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      themed.disconnect();
      system.removeEventListener("change", draw);
      chart?.destroy();
    };
  }, [usage, meter, words]);

  const then = running(meter.previous).at(-1)?.total ?? "0";
  const says = words.chartSays(words.quantity(meter.quantity), meter.unit, words.quantity(then));
  return (
    <>
      <Legend meter={meter} words={words} legend={legend} />
      <div class="chart" role="img" aria-label={`${meter.name}. ${says}`} ref={place} />
    </>
  );
}
