/** How far the newest revision has come, live: server-sent events, or asking every few seconds where those are not to be had. */

import { fill, type Words } from "./week-data";

export interface Delivery {
  revision: number;
  changed: boolean;
  waiting: boolean;
  boxes: number;
  stored: number;
  applied: number;
  draft: number;
}

export type Mode = "live" | "polling";

const POLL_EVERY_S = 5;
const STREAM_AGAIN_MS = 15_000;

/** Say on the page which of the two it is. */
export function showMode(mode: Mode, words: Words): void {
  const place = document.getElementById("live");
  if (!place) return;
  place.hidden = false;
  place.classList.toggle("polling", mode === "polling");
  place.textContent = mode === "live" ? (words["live"] ?? "") : fill(words["polling"], { seconds: POLL_EVERY_S });
}

export class Live {
  private source: EventSource | null = null;
  private timer = 0;
  private last = "";

  constructor(
    private readonly code: string,
    private readonly heard: (delivery: Delivery) => void,
    private readonly turned: (mode: Mode) => void,
  ) {
    this.listen();
    window.addEventListener("pagehide", () => this.source?.close());
  }

  private listen(): void {
    this.source?.close();
    const source = new EventSource(`/api/v1/timetable/${this.code}/stream`);
    this.source = source;
    source.addEventListener("delivery", (event) => {
      window.clearInterval(this.timer);
      this.timer = 0;
      this.turned("live");
      this.take((event as MessageEvent<string>).data);
    });
    source.addEventListener("error", () => {
      this.poll();
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      window.setTimeout(() => this.listen(), STREAM_AGAIN_MS);
    });
  }

  private poll(): void {
    if (this.timer) return;
    this.turned("polling");
    const once = async (): Promise<void> => {
      try {
        const answer = await fetch(`/timetable/${this.code}/state`, { headers: { Accept: "application/json" } });
        if (answer.ok) this.take(await answer.text());
      } catch {
        // the next turn asks again
      }
    };
    this.timer = window.setInterval(() => void once(), POLL_EVERY_S * 1000);
    void once();
  }

  private take(text: string): void {
    if (text === this.last) return;
    this.last = text;
    this.heard(JSON.parse(text) as Delivery);
  }
}
