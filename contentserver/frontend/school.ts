/**
 * The online school: tells the server what played, and keeps it in this browser until the server has it.
 *
 * Each span is kept by itself, so that several windows never write over each other. Whatever a window left behind is
 * told by the next page of the school. The server takes each span once, however often it is told.
 */
import { Played, type Span } from "./played";

interface Kept extends Span {
  url: string;
  ticket: string;
  viewing: string;
  sequence: number;
}

interface Answer {
  kept: number[];
  refused: { sequence: number; why: string }[];
  stands: string;
  ended: string;
}

const PREFIX = "school:";
const EVERY_MS = 15_000;
const AT_ONCE = 100;
/** Answers after which the same words would be told in vain. */
const IN_VAIN = new Set([404, 409, 413, 422]);
/** Nobody sits here any more, or the form has expired: another page may tell it. */
const STOPS = new Set([400, 401]);
/** Somebody else's: it waits until they sit here again. */
const NOT_MINE = 403;

/** What is to be told; in this window alone where the browser lets nothing be kept. */
class Shelf {
  private readonly here = new Map<string, string>();

  put(one: Kept): void {
    const key = `${PREFIX}${one.viewing}:${one.sequence}`;
    const text = JSON.stringify(one);
    try {
      localStorage.setItem(key, text);
    } catch {
      this.here.set(key, text);
    }
  }

  remove(viewing: string, sequence: number): void {
    const key = `${PREFIX}${viewing}:${sequence}`;
    this.here.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {
      // nothing is kept there
    }
  }

  all(): Kept[] {
    const texts = [...this.here.values()];
    try {
      for (let place = 0; place < localStorage.length; place += 1) {
        const key = localStorage.key(place) ?? "";
        if (key.startsWith(PREFIX)) texts.push(localStorage.getItem(key) ?? "");
      }
    } catch {
      // nothing is kept there
    }
    return texts.flatMap((text) => {
      try {
        return [JSON.parse(text) as Kept];
      } catch {
        return [];
      }
    });
  }
}

class Telling {
  private readonly shelf = new Shelf();
  private readonly others = new Set<string>();
  private sending = false;
  private stopped = false;
  onAnswer: (answer: Answer, viewing: string) => void = () => undefined;
  /** With a sentence of the server, empty where there is no line; and about which viewing, empty for all. */
  onTrouble: (sentence: string, viewing: string) => void = () => undefined;

  keep(one: Kept): void {
    this.shelf.put(one);
  }

  /** Tell everything that waits, a viewing at a time; what no answer came for waits on. */
  async send(): Promise<void> {
    if (this.sending || this.stopped) return;
    this.sending = true;
    try {
      for (const spans of this.batches()) {
        if (!this.stopped) await this.post(spans);
      }
    } catch {
      this.onTrouble("", "");
    } finally {
      this.sending = false;
    }
  }

  /** The page goes away: tell what it can in one breath. What is not answered is told by the next page. */
  leave(viewing: string): void {
    const last = this.batches().filter((spans) => spans[0]?.viewing === viewing);
    for (const spans of last.slice(-2)) void this.ask(spans, true).catch(() => undefined);
  }

  private batches(): Kept[][] {
    const found = new Map<string, Kept[]>();
    for (const one of this.shelf.all()) {
      if (!this.others.has(one.viewing)) found.set(one.viewing, [...(found.get(one.viewing) ?? []), one]);
    }
    return [...found.values()].flatMap((spans) => {
      spans.sort((one, other) => one.sequence - other.sequence);
      const parts: Kept[][] = [];
      for (let first = 0; first < spans.length; first += AT_ONCE) parts.push(spans.slice(first, first + AT_ONCE));
      return parts;
    });
  }

  private ask(spans: Kept[], keepalive: boolean): Promise<Response> {
    const { url, ticket, viewing } = spans[0]!;
    const told = spans.map(({ sequence, from_ms, to_ms, at_ms, clock_ms }) => ({
      sequence,
      from_ms,
      to_ms,
      at_ms,
      clock_ms,
    }));
    const token = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
    return fetch(url, {
      method: "POST",
      keepalive,
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "Accept-Language": document.documentElement.lang,
        "X-CSRFToken": token,
      },
      body: JSON.stringify({ ticket, viewing, spans: told }),
    });
  }

  private async post(spans: Kept[]): Promise<void> {
    const viewing = spans[0]!.viewing;
    const response = await this.ask(spans, false);
    if (response.ok) {
      const answer = (await response.json()) as Answer;
      for (const sequence of answer.kept) this.shelf.remove(viewing, sequence);
      for (const { sequence } of answer.refused) this.shelf.remove(viewing, sequence);
      this.onAnswer(answer, viewing);
      return;
    }
    const sentence = await response.json().then(
      (problem: { title?: string }) => problem.title ?? "",
      () => "",
    );
    if (IN_VAIN.has(response.status)) {
      for (const one of spans) this.shelf.remove(viewing, one.sequence);
      this.onTrouble(sentence, viewing);
    } else if (response.status === NOT_MINE) {
      this.others.add(viewing);
      this.onTrouble(sentence, viewing);
    } else {
      this.stopped = STOPS.has(response.status);
      this.onTrouble(this.stopped ? sentence : "", "");
    }
  }
}

/** A hundred and twenty-eight bits; `crypto.randomUUID` asks for TLS, which a village's own server may lack. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20, 32].map((end, place) => hex.slice([0, 8, 12, 16, 20][place], end)).join("-");
}

/** The line below the picture: what counts by now, or why nothing does at the moment. */
function wireSentence(telling: Telling, root: HTMLElement, video: HTMLVideoElement, viewing: string): void {
  const told = root.querySelector<HTMLElement>("[data-stands]");
  const trouble = root.querySelector<HTMLElement>("[data-school-trouble]");
  const say = (sentence: string): void => {
    if (!trouble) return;
    const words = trouble.querySelector("span");
    if (words) words.textContent = sentence;
    trouble.hidden = !sentence;
  };
  telling.onAnswer = (answer, of) => {
    if (of !== viewing) return;
    if (told && answer.stands) told.textContent = answer.stands;
    say(answer.ended || (answer.refused[0]?.why ?? ""));
    if (answer.ended) video.pause();
  };
  telling.onTrouble = (sentence, of) => {
    if (of === "" || of === viewing) say(sentence || (trouble?.dataset["textLine"] ?? ""));
  };
}

function begin(): void {
  const telling = new Telling();
  const root = document.querySelector<HTMLElement>("[data-school]");
  const video = root?.querySelector("video");
  let played: Played | null = null;
  const viewing = newId();
  if (root && video) {
    const { report = "", ticket = "" } = root.dataset;
    let sequence = 0;
    played = new Played(video, (span) => {
      sequence += 1;
      telling.keep({ ...span, url: report, ticket, viewing, sequence });
    });
    for (const name of ["pause", "ended"]) video.addEventListener(name, () => void telling.send());
    wireSentence(telling, root, video, viewing);
  }
  window.setInterval(() => void telling.send(), EVERY_MS);
  window.addEventListener("online", () => void telling.send());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return;
    played?.cut();
    telling.leave(viewing);
  });
  window.addEventListener("pagehide", () => {
    played?.cut();
    telling.leave(viewing);
  });
  void telling.send();
}

begin();
