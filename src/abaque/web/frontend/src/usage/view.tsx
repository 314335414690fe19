/** The component as the customer sees it: amount, certainty, one row per meter, the month as a curve and a table. */
import { useState } from "preact/hooks";
import { Chart } from "./chart";
import type { MeterUsage, Usage } from "./data";
import type { Link } from "./feed";
import { beyond, running } from "./running";
import type { Words } from "./words";

interface Shown {
  usage: Usage;
  words: Words;
}

function Head({ usage, link, words }: Shown & { link: Link }) {
  const [word, meaning] = words.state[usage.state];
  return (
    <header>
      <div>
        <h2>{words.heading}</h2>
        <p class="quiet">{words.span(usage)}</p>
      </div>
      <div class="amount">
        <p class="quiet">{words.upcoming}</p>
        <p class="total">{words.money(usage.upcoming_net)}</p>
      </div>
      <p class="certainty">
        <span class="state" data-state={usage.state}>
          {word}
        </span>
        <span class="quiet">, {meaning}.</span>
      </p>
      <p class="quiet link">
        <span class="pulse" data-link={link} />
        <span role="status">{words[link]}</span>, {words.asOf(words.moment(usage))}
      </p>
    </header>
  );
}

function MeterRow({ meter, words }: { meter: MeterUsage; words: Words }) {
  const extra = meter.included === null ? null : beyond(meter.quantity, meter.included);
  return (
    <tr>
      <th scope="row">
        {meter.name}
        {meter.unit && <small>{meter.unit}</small>}
      </th>
      <td data-label={words.used}>{words.quantity(meter.quantity)}</td>
      <td data-label={words.included}>{meter.included === null ? "–" : words.quantity(meter.included)}</td>
      <td data-label={words.beyond}>{extra === null ? "–" : words.quantity(extra)}</td>
      <td data-label={words.failed}>{words.quantity(String(meter.not_billed))}</td>
    </tr>
  );
}

function Meters({ usage, words }: Shown) {
  return (
    <table class="meters">
      <caption class="hidden">{words.heading}</caption>
      <thead>
        <tr>
          <th scope="col">{words.meter}</th>
          <th scope="col">{words.used}</th>
          <th scope="col">{words.included}</th>
          <th scope="col">{words.beyond}</th>
          <th scope="col">{words.failed}</th>
        </tr>
      </thead>
      <tbody>
        {usage.meters.map((meter) => (
          <MeterRow key={meter.code} meter={meter} words={words} />
        ))}
      </tbody>
    </table>
  );
}

function Days({ meter, words }: { meter: MeterUsage; words: Words }) {
  return (
    <details>
      <summary>{words.days(meter.name)}</summary>
      <table>
        <caption class="hidden">{`${words.days(meter.name)} (${meter.unit})`}</caption>
        <thead>
          <tr>
            <th scope="col">{words.day}</th>
            <th scope="col">{words.thatDay}</th>
            <th scope="col">{words.total}</th>
          </tr>
        </thead>
        <tbody>
          {running(meter.series).map(({ day, quantity, total }) => (
            <tr key={day}>
              <th scope="row">{words.date(day)}</th>
              <td>{words.quantity(quantity)}</td>
              <td>{words.quantity(total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Month({ usage, words }: Shown) {
  const [code, choose] = useState("");
  const meter = usage.meters.find((each) => each.code === code) ?? usage.meters[0];
  if (!meter) return <p class="nothing">{words.nothing}</p>;
  return (
    <section aria-label={`${words.chart} ${meter.name}`}>
      {usage.meters.length > 1 && (
        <label class="choice">
          {words.chart}{" "}
          <select value={meter.code} onChange={(change) => choose(change.currentTarget.value)}>
            {usage.meters.map(({ code: each, name }) => (
              <option key={each} value={each}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <Chart usage={usage} meter={meter} words={words} />
      <Days meter={meter} words={words} />
    </section>
  );
}

export function View({ usage, link, words }: Shown & { link: Link }) {
  return (
    <div class="usage">
      <Head usage={usage} link={link} words={words} />
      {usage.meters.length > 0 && <Meters usage={usage} words={words} />}
      <Month usage={usage} words={words} />
    </div>
  );
}
