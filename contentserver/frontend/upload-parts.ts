/**
 * What every upload shares: pieces and how often an outage is tried again, what a file says of itself to the server, its
 * checksum from a thread of its own, and the server's sentence where it refuses.
 */
import { DetailedError, type UploadOptions } from "tus-js-client";

export const OUTAGE_RETRIES_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000, 60000, 60000, 120000, 120000, 120000];
const PIECE_BYTES = 4 * 1024 * 1024;

export type Words = Record<string, string | undefined>;
export type Kind = "recording" | "captions" | "sound";

export function fill(sentence: string | undefined, values: Record<string, string>): string {
  return (sentence ?? "").replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}

export function element<T extends Element>(parent: ParentNode, selector: string): T {
  const found = parent.querySelector<T>(selector);
  if (!found) throw new Error(`the page lacks ${selector}`);
  return found;
}

/** What goes with every request: that this page asks, and that answers are to be in the page's language. */
export function headers(): Record<string, string> {
  const token = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
  return { "X-CSRFToken": token, Accept: "application/json", "Accept-Language": document.documentElement.lang };
}

export function uploadOptions(words: Words, file: File, kind: Kind): UploadOptions {
  return {
    endpoint: words["uploads"] ?? "/uploads",
    chunkSize: PIECE_BYTES,
    retryDelays: OUTAGE_RETRIES_MS,
    removeFingerprintOnSuccess: true,
    headers: headers(),
    metadata: { filename: file.name, kind, course: words["course"] ?? "" },
  };
}

export function statusOf(error: unknown): number {
  return error instanceof DetailedError ? (error.originalResponse?.getStatus() ?? 0) : 0;
}

/** Whether an error may pass by itself: the line, the server, or two requests for one upload at once. */
export function passes(error: unknown): boolean {
  if (!(error instanceof DetailedError)) return false;
  const status = statusOf(error);
  return status < 400 || status >= 500 || status === 409 || status === 423;
}

/** What the server says where it refuses; nothing where it says nothing for people. */
export function refusal(body: string): string {
  try {
    const said: unknown = JSON.parse(body);
    return typeof said === "object" && said !== null && "title" in said ? String(said.title) : "";
  } catch {
    return "";
  }
}

/**
 * SHA-256 of a whole file in hexadecimal, counted beside the upload; rejects where the file can be read no more. A browser
 * that cannot start the thread gives an empty one: the file goes up unchecked rather than not at all.
 */
export class Checksum {
  readonly done: Promise<string>;
  private readonly worker = new Worker(new URL("./checksum-worker.ts", import.meta.url), { type: "module" });

  constructor(file: File) {
    this.done = new Promise((resolve, reject) => {
      this.worker.onmessage = (event: MessageEvent<{ sha256?: string }>) => {
        this.worker.terminate();
        if (event.data.sha256) resolve(event.data.sha256);
        else reject(new Error("the file cannot be read any more"));
      };
      this.worker.onerror = () => resolve("");
    });
    this.done.catch(() => undefined); // whoever waits hears it
    this.worker.postMessage(file);
  }

  stop(): void {
    this.worker.terminate();
  }
}
