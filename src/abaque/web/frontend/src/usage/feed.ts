/** Where the figures come from: one fetch, then server-sent events; where these fail, a fetch every ten seconds. */
import type { Usage } from "./data";

export type Link = "live" | "polling" | "lost";

export interface Listener {
  usage: (usage: Usage) => void;
  link: (link: Link) => void;
}

const POLL_MS = 10_000;
const PATIENCE_MS = 15_000;

export class Feed {
  #stream: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(
    private readonly source: string,
    private readonly streamSource: string | null,
    private readonly listener: Listener,
  ) {}

  start(): void {
    void this.#fetch();
    if (this.streamSource && "EventSource" in globalThis) this.#listen(this.streamSource);
    else this.#poll();
  }

  stop(): void {
    this.#stopped = true;
    this.#stream?.close();
    clearTimeout(this.#timer);
  }

  #listen(address: string): void {
    const stream = new EventSource(address, { withCredentials: true });
    this.#stream = stream;
    stream.addEventListener("open", () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.listener.link("live");
    });
    stream.addEventListener("usage", (event: MessageEvent<string>) => this.listener.usage(JSON.parse(event.data) as Usage));
    stream.addEventListener("error", () => {
      if (this.#stopped) return;
      this.listener.link("lost");
      // A closed stream never comes back by itself; one that keeps failing is given a little time.
      if (stream.readyState === EventSource.CLOSED) this.#giveUp(stream);
      else this.#timer ??= setTimeout(() => this.#giveUp(stream), PATIENCE_MS);
    });
  }

  #giveUp(stream: EventSource): void {
    if (this.#stopped || stream.readyState === EventSource.OPEN) return;
    stream.close();
    this.#poll();
  }

  #poll(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#fetch().then((came) => {
        if (this.#stopped) return;
        this.listener.link(came ? "polling" : "lost");
        this.#poll();
      });
    }, POLL_MS);
  }

  /** Whether figures came. A refusal is not retried faster than any other poll. */
  async #fetch(): Promise<boolean> {
    try {
      const answer = await fetch(this.source, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (!answer.ok) return false;
      const usage = (await answer.json()) as Usage;
      if (!this.#stopped) this.listener.usage(usage);
      return true;
    } catch {
      return false;
    }
  }
}
