/**
 * `<abaque-usage src="…" stream="…" lang="fr">`: a customer's live usage, for the portal and for customers' own pages.
 * What stands inside the element is shown until the first figures come, and for ever where scripts do not run.
 */
import { render } from "preact";
import chartStyle from "uplot/dist/uPlot.min.css?inline";
import type { Usage } from "./data";
import { Feed, type Link } from "./feed";
import style from "./style.css?inline";
import { View } from "./view";
import { wordsFor, type Words } from "./words";

const OBSERVED = ["src", "stream", "lang"];

/** Constructed, not inlined: a page with a strict content security policy keeps it. */
function styleSheets(): CSSStyleSheet[] {
  return [chartStyle, style].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}

export class AbaqueUsage extends HTMLElement {
  static readonly observedAttributes = OBSERVED;

  readonly #root = this.attachShadow({ mode: "open" });
  #feed: Feed | undefined;
  #words: Words = wordsFor("en");
  #usage: Usage | undefined;
  #link: Link = "live";

  constructor() {
    super();
    this.#root.adoptedStyleSheets = styleSheets();
    this.#root.append(document.createElement("slot"));
  }

  connectedCallback(): void {
    this.#restart();
  }

  disconnectedCallback(): void {
    this.#feed?.stop();
    this.#feed = undefined;
  }

  attributeChangedCallback(): void {
    if (this.isConnected && this.#feed) this.#restart();
  }

  #restart(): void {
    this.#feed?.stop();
    const source = this.getAttribute("src");
    if (!source) return;
    this.#words = wordsFor(this.lang || document.documentElement.lang || "en");
    this.#feed = new Feed(source, this.getAttribute("stream"), {
      usage: (usage) => {
        this.#usage = usage;
        this.#draw();
      },
      link: (link) => {
        this.#link = link;
        this.#draw();
      },
    });
    this.#feed.start();
  }

  #draw(): void {
    if (!this.#usage) return;
    this.#root.querySelector("slot")?.remove();
    render(<View usage={this.#usage} link={this.#link} words={this.#words} />, this.#root);
  }
}

if (!customElements.get("abaque-usage")) customElements.define("abaque-usage", AbaqueUsage);
