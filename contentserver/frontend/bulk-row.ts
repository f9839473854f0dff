/**
 * One lesson to be on the page of a whole course: its files, how far they are, and what may be done with it. What it
 * remembers (`Memory`) outlives the page: files that are chosen again go on where they stopped.
 */
import { DetailedError, Upload } from "tus-js-client";
import { Checksum, element, fill, headers, megabytes, passes, refusal, uploadOptions, type Kind, type Words } from "./upload-parts";

const PIECE_BYTES = 1024 * 1024;
/** What a break of the line may cost: small, since it breaks often where there are only bad lines. */
const LINE_AGAIN_MS = 60_000;

export type State = "again" | "waiting" | "sending" | "paused" | "outage" | "checking" | "arrived" | "refused" | "making" | "made";

/** A file of a row, as it is known after a reload too; `upload` is empty until all of it has arrived. */
export interface FileMemory {
  path: string;
  size: number;
  modified: number;
  upload: string;
  sha256: string;
  language: string;
}

export interface Memory {
  title: string;
  number: string;
  files: FileMemory[];
}

/** The recording is the first of a row's files. */
export interface Part extends FileMemory {
  file: File | null;
}

export function same(part: FileMemory, path: string, file: File): boolean {
  return part.path === path && part.size === file.size && part.modified === file.lastModified;
}

export class Row {
  state: State;
  readonly root: HTMLElement;
  private readonly line: HTMLElement;
  private readonly bar: HTMLProgressElement;
  private readonly numberField: HTMLInputElement;
  private readonly titleField: HTMLInputElement;
  private readonly pauseButton: HTMLButtonElement;
  private readonly goButton: HTMLButtonElement;
  private upload: Upload | null = null;
  private checksum: Checksum | null = null;
  private again = 0;
  private cancel: () => void = () => undefined;
  private turn = 0;

  constructor(
    template: HTMLTemplateElement,
    private readonly words: Words,
    memory: Memory,
    readonly parts: Part[],
    private readonly changed: () => void,
    private readonly removed: (row: Row) => void,
  ) {
    const copy = template.content.cloneNode(true) as DocumentFragment;
    this.root = element(copy, "[data-row]");
    this.line = element(copy, "[data-line]");
    this.bar = element(copy, "progress");
    this.numberField = element(copy, "[data-number]");
    this.titleField = element(copy, "[data-title]");
    this.pauseButton = element(copy, "[data-pause]");
    this.goButton = element(copy, "[data-go]");
    this.numberField.value = memory.number;
    this.titleField.value = memory.title;
    const beside = parts.slice(1).map((part) => part.path.split("/").at(-1) ?? "");
    element(copy, "[data-name]").textContent = [this.recording.path, ...(beside.length ? [fill(words["textCaptions"], { names: beside.join("、") })] : [])].join(" · ");
    this.titleField.setAttribute("aria-description", this.recording.path);
    for (const field of [this.numberField, this.titleField]) field.addEventListener("change", changed);
    this.pauseButton.addEventListener("click", () => this.pause());
    this.goButton.addEventListener("click", () => this.resume());
    element<HTMLButtonElement>(copy, "[data-remove]").addEventListener("click", () => this.remove());
    this.state = "waiting";
    this.settle();
  }

  get recording(): Part {
    const first = this.parts[0];
    if (!first) throw new Error("a row has a recording");
    return first;
  }

  get memory(): Memory {
    const files = this.parts.map(({ path, size, modified, upload, sha256, language }) => ({ path, size, modified, upload, sha256, language }));
    return { title: this.titleField.value, number: this.numberField.value, files };
  }

  get number(): number {
    return Number(this.numberField.value) || 1000;
  }

  get bytes(): number {
    return this.parts.reduce((sum, part) => sum + (part.upload ? 0 : part.size), 0);
  }

  /** What it is once nothing moves: arrived, to be chosen again, or waiting for its turn. */
  settle(): void {
    if (this.parts.every((part) => part.upload)) this.show("arrived", this.words["textArrived"]);
    else if (this.parts.some((part) => !part.upload && !part.file)) this.show("again", this.words["textAgain"]);
    else this.show("waiting", this.words["textWaiting"]);
  }

  show(state: State, sentence: string | undefined): void {
    this.state = state;
    this.root.dataset["state"] = state;
    this.root.classList.remove("wrong-row");
    this.line.textContent = sentence ?? "";
    const moves = state === "sending" || state === "outage" || state === "waiting" || state === "checking";
    this.pauseButton.hidden = !moves;
    this.goButton.hidden = !(state === "paused" || state === "refused");
    this.bar.hidden = !(moves || state === "paused");
    for (const field of [this.numberField, this.titleField]) field.disabled = state === "making" || state === "made";
    this.changed();
  }

  refuse(sentence: string | undefined): void {
    this.show("refused", sentence || this.words["textFailed"]);
  }

  /** What was chosen again belongs here: it goes on. Whether it did. */
  attach(path: string, file: File): boolean {
    const changed = this.parts.find((one) => one.path === path && !one.file && !one.upload);
    const part = this.parts.find((one) => same(one, path, file)) ?? changed;
    if (!part || this.state === "made") return false;
    part.file = file;
    [part.size, part.modified] = [file.size, file.lastModified];
    if (this.state === "again" || this.state === "refused") this.settle();
    return true;
  }

  /** Send what has not arrived, one file after the other; resolves once nothing moves any more. */
  async send(): Promise<void> {
    const turn = ++this.turn;
    this.bar.value = 0;
    this.show("sending", this.words["textWaiting"]);
    const stopped = new Promise<never>((_, reject) => {
      this.cancel = () => reject(new Error("stopped"));
    });
    for (const part of this.parts) {
      if (part.upload || !part.file) continue;
      const kind: Kind = part === this.recording ? "recording" : "captions";
      this.checksum = kind === "recording" ? new Checksum(part.file) : null;
      try {
        const id = await Promise.race([this.deliver(part.file, kind, part.path), stopped]);
        if (this.checksum) {
          this.show("checking", this.words["textChecking"]);
          part.sha256 = await Promise.race([this.checksum.done, stopped]);
        }
        if (turn !== this.turn) return;
        part.upload = id;
      } catch (error) {
        if (turn !== this.turn) return;
        const said = error instanceof DetailedError ? refusal(error.originalResponse?.getBody() ?? "") : "";
        this.stop(); // which forgets what the server said
        if (error instanceof DetailedError) this.refuse(said);
        else {
          part.file = null;
          this.refuse(this.words["textChanged"]);
          this.goButton.hidden = true;
        }
        return;
      }
    }
    this.settle();
  }

  private deliver(file: File, kind: Kind, path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let startedAt = performance.now();
      let startedFrom: number | null = null;
      const upload = new Upload(file, {
        ...uploadOptions(this.words, file, kind),
        chunkSize: PIECE_BYTES,
        fingerprint: () => Promise.resolve(["yuanjiao", this.words["course"], path, file.size, file.lastModified].join("|")),
        onShouldRetry: (error) => {
          if (passes(error)) this.show("outage", this.words["textOutage"]);
          void file.slice(0, 1).arrayBuffer().catch(reject); // what looks like an outage may be a file that was changed
          startedFrom = null;
          startedAt = performance.now();
          return passes(error);
        },
        onProgress: (sent, total) => {
          startedFrom ??= sent;
          const seconds = (performance.now() - startedAt) / 1000;
          if (this.state === "outage" && sent > startedFrom) this.show("sending", "");
          if (this.state === "sending") this.progress(sent, total, seconds > 0.2 ? (sent - startedFrom) / seconds : 0);
        },
        onError: (error) => {
          if (!passes(error)) return reject(error);
          this.show("outage", this.words["textOutage"]); // longer than the pauses: look every minute, for ever
          this.again = window.setTimeout(() => upload.start(), LINE_AGAIN_MS);
        },
        onSuccess: () => resolve((upload.url ?? "").split("/").pop() ?? ""),
      });
      this.upload = upload;
      void upload.findPreviousUploads().then((earlier) => {
        if (this.upload !== upload) return;
        const newest = earlier.at(-1);
        if (newest) upload.resumeFromPreviousUpload(newest);
        upload.start();
      });
    });
  }

  private progress(sent: number, total: number, speed: number): void {
    this.bar.value = total ? sent / total : 1;
    const left = speed > 0 ? (total - sent) / speed : null;
    const unit = left !== null && left >= 90 ? "textMinutes" : "textSeconds";
    this.line.textContent = fill(this.words["textProgress"], {
      percent: String(Math.floor((100 * sent) / Math.max(total, 1))),
      total: megabytes(total),
      speed: (speed / 1e6).toFixed(speed < 1e7 ? 2 : 0),
      left: left === null ? "…" : fill(this.words[unit], { number: String(Math.ceil(unit === "textMinutes" ? left / 60 : left)) }),
    });
  }

  /** The line is there again: do not wait out the pause. */
  hurry(): void {
    if (this.state !== "outage" || !this.upload) return;
    window.clearTimeout(this.again);
    const upload = this.upload;
    void upload.abort().then(() => upload.start());
  }

  private stop(): void {
    window.clearTimeout(this.again);
    this.checksum?.stop();
    void this.upload?.abort();
    this.upload = null;
    this.cancel();
  }

  pause(): void {
    this.turn += 1;
    this.stop();
    this.show("paused", this.words["textPaused"]);
    this.goButton.focus();
  }

  resume(): void {
    this.settle();
    this.pauseButton.focus();
  }

  private remove(): void {
    const begun = this.state !== "made" && (this.bar.value > 0 || this.parts.some((part) => part.upload));
    if (begun && !window.confirm(fill(this.words["textSure"], { name: this.titleField.value }))) return;
    this.turn += 1;
    const [base, upload] = [this.words["uploads"] ?? "/uploads", this.upload];
    window.clearTimeout(this.again);
    this.checksum?.stop();
    this.cancel();
    if (upload) void upload.abort(this.state !== "made").catch(() => undefined);
    if (this.state !== "made") {
      for (const part of this.parts) if (part.upload) void Upload.terminate(`${base}/${part.upload}`, { headers: headers() }).catch(() => undefined);
    }
    this.removed(this);
  }

  /** Ask the server for a lesson of what has arrived; it says itself what became of it. */
  async make(): Promise<void> {
    this.show("making", this.words["textMaking"]);
    const form = new URLSearchParams({ title: this.titleField.value, number: this.numberField.value });
    form.set("upload", this.recording.upload);
    form.set("upload_sha256", this.recording.sha256);
    for (const part of this.parts.slice(1)) {
      form.append("captions_upload", part.upload);
      form.append("captions_language", part.language);
    }
    try {
      const answer = await fetch(this.words["lessons"] ?? "", { method: "POST", headers: headers(), body: form });
      const body = await answer.text();
      if (answer.ok) return this.made(String((JSON.parse(body) as { id: string }).id));
      const code = (JSON.parse(body) as { code?: string }).code ?? "";
      if (code === "lesson_number_taken" || code === "form_invalid") {
        this.show("arrived", refusal(body));
        this.root.classList.add("wrong-row");
        this.numberField.focus();
      } else {
        if (code !== "quota_full" && code !== "disk_full") this.forget();
        this.refuse(refusal(body));
      }
    } catch {
      this.show("arrived", this.words["textOutage"]);
    }
  }

  /** What has arrived is not what is meant: it goes up anew. */
  private forget(): void {
    for (const part of this.parts) part.upload = "";
  }

  private made(id: string): void {
    this.show("made", "");
    const link = document.createElement("a");
    link.href = `${this.words["lesson"] ?? ""}${id}`;
    link.textContent = this.words["textMade"] ?? "";
    this.line.append(link);
  }
}
