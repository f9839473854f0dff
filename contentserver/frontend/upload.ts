/**
 * New lesson: the recording, captions and sound tracks go up one after the other in pieces (tus), may be paused, and go
 * on where they stopped after a reload or an outage, once the same file is chosen again. The form itself is sent only
 * when everything has arrived.
 */
import { Upload, type PreviousUpload } from "tus-js-client";

const PIECE_BYTES = 4 * 1024 * 1024;
const OUTAGE_RETRIES_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000, 60000, 60000, 120000, 120000, 120000];

type Words = Record<string, string | undefined>;

function fill(sentence: string | undefined, values: Record<string, string>): string {
  return (sentence ?? "").replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}

function element<T extends Element>(parent: ParentNode, selector: string): T {
  const found = parent.querySelector<T>(selector);
  if (!found) throw new Error(`the page lacks ${selector}`);
  return found;
}

/** A place of the form for one file: what is chosen, how far it is, and the id of what has arrived. */
class Place {
  readonly input: HTMLInputElement;
  private readonly id: HTMLInputElement;
  private readonly bar: HTMLProgressElement;
  private readonly line: HTMLElement;
  private readonly here: HTMLElement;

  constructor(
    readonly root: HTMLElement,
    private readonly words: Words,
  ) {
    this.input = element(root, "input[type=file]");
    this.id = element(root, "input[type=hidden]");
    this.bar = element(root, "progress");
    this.line = element(root, "[data-line]");
    this.here = element(root, "[data-here]");
    // Another file was chosen: what had arrived before is not the one that is meant.
    this.input.addEventListener("change", () => {
      this.id.value = "";
      this.here.hidden = this.bar.hidden = this.line.hidden = true;
    });
  }

  get file(): File | null {
    return this.input.files?.[0] ?? null;
  }

  get arrived(): boolean {
    return this.id.value !== "";
  }

  say(sentence: string | undefined): void {
    this.line.textContent = sentence ?? "";
    this.line.hidden = false;
  }

  progress(sent: number, total: number, left_s: number | null): void {
    this.bar.hidden = false;
    this.bar.value = total ? sent / total : 1;
    this.say(
      fill(this.words["textProgress"], {
        percent: String(Math.floor((100 * sent) / Math.max(total, 1))),
        sent: megabytes(sent),
        total: megabytes(total),
        left: left_s === null ? "…" : String(Math.ceil(left_s)),
      }),
    );
  }

  arrive(id: string, name: string): void {
    this.id.value = id;
    this.bar.hidden = this.line.hidden = true;
    element(this.here, "[data-here-name]").textContent = fill(this.words["textArrived"], { name });
    this.here.hidden = false;
  }
}

/** One file on its way up. `arrived` resolves with the upload's id. */
class Delivery {
  readonly arrived: Promise<string>;
  private readonly upload: Upload;
  private startedAt = 0;
  private startedFrom: number | null = null;

  constructor(
    file: File,
    readonly place: Place,
    words: Words,
  ) {
    let arrive: (id: string) => void;
    let fail: (error: Error) => void;
    this.arrived = new Promise((resolve, reject) => {
      arrive = resolve;
      fail = reject;
    });
    this.upload = new Upload(file, {
      endpoint: words["uploads"] ?? "/uploads",
      chunkSize: PIECE_BYTES,
      retryDelays: OUTAGE_RETRIES_MS,
      removeFingerprintOnSuccess: true,
      headers: { "X-CSRFToken": document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "" },
      metadata: { filename: file.name },
      onShouldRetry: (error) => {
        place.say(words["textOutage"]);
        const status = error.originalResponse?.getStatus() ?? 0;
        return status < 400 || status >= 500 || status === 409 || status === 423;
      },
      onProgress: (sent, total) => {
        this.startedFrom ??= sent;
        const seconds = (performance.now() - this.startedAt) / 1000;
        const speed = seconds > 0 ? (sent - this.startedFrom) / seconds : 0;
        place.progress(sent, total, speed > 0 ? (total - sent) / speed : null);
      },
      onError: (error) => fail(error),
      onSuccess: () => arrive((this.upload.url ?? "").split("/").pop() ?? ""),
    });
  }

  async begin(): Promise<void> {
    const earlier: PreviousUpload[] = await this.upload.findPreviousUploads();
    const newest = earlier.at(-1);
    if (newest) this.upload.resumeFromPreviousUpload(newest);
    this.go();
  }

  go(): void {
    this.startedAt = performance.now();
    this.startedFrom = null;
    this.upload.start();
  }

  async pause(): Promise<void> {
    await this.upload.abort();
  }
}

class LessonForm {
  private readonly places = new Map<HTMLElement, Place>();
  private readonly pauseButton: HTMLButtonElement;
  private readonly send: HTMLButtonElement;
  private delivery: Delivery | null = null;
  private paused = false;

  constructor(private readonly form: HTMLFormElement) {
    this.pauseButton = element(form, "[data-pause]");
    this.send = element(form, "button[type=submit]");
    for (const root of form.querySelectorAll<HTMLElement>("[data-file]")) this.adopt(root);
    for (const list of form.querySelectorAll<HTMLElement>("[data-files]")) this.wireList(list);
    this.pauseButton.addEventListener("click", () => this.turn());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.takeUp();
    });
  }

  private adopt(root: HTMLElement): void {
    this.places.set(root, new Place(root, this.form.dataset));
  }

  private wireList(list: HTMLElement): void {
    const rows = element<HTMLElement>(list, "[data-rows]");
    const add = element<HTMLButtonElement>(list, "[data-add]");
    add.addEventListener("click", () => {
      const copy = element<HTMLTemplateElement>(list, "template").content.cloneNode(true) as DocumentFragment;
      const row = element<HTMLElement>(copy, "[data-file]");
      rows.append(copy);
      this.suggestLanguage(rows, row);
      this.adopt(row);
      element<HTMLInputElement>(row, "input[type=file]").focus();
    });
    list.addEventListener("click", (event) => {
      const row = event.target instanceof Element && event.target.closest("[data-remove]")?.closest<HTMLElement>("[data-file]");
      if (!row || this.delivery?.place.root === row) return;
      this.places.delete(row);
      row.remove();
      add.focus();
    });
  }

  /** A new row proposes a language that no other row of its list has. */
  private suggestLanguage(rows: HTMLElement, row: HTMLElement): void {
    const choice = element<HTMLSelectElement>(row, "select");
    const taken = [...rows.querySelectorAll("select")].filter((one) => one !== choice).map((one) => one.value);
    const free = [...choice.options].find((option) => !taken.includes(option.value));
    if (free) choice.value = free.value;
  }

  private async takeUp(): Promise<void> {
    const recording = this.places.get(element(this.form, "[data-recording]"));
    if (recording && !recording.file && !recording.arrived) {
      recording.say(this.form.dataset["textChoose"]);
      recording.input.focus();
      return;
    }
    this.lock(true);
    try {
      const waiting = [...this.places.values()].filter((place) => place.file && !place.arrived);
      waiting.sort((one, other) => (one.file?.size ?? 0) - (other.file?.size ?? 0));
      for (const place of waiting) await this.deliver(place);
      window.onbeforeunload = null;
      this.form.submit();
    } catch {
      this.delivery?.place.say(this.form.dataset["textFailed"]);
      this.delivery = null;
      this.lock(false);
    }
  }

  private async deliver(place: Place): Promise<void> {
    const file = place.file;
    if (!file) return;
    place.progress(0, file.size, null);
    this.delivery = new Delivery(file, place, this.form.dataset);
    await this.delivery.begin();
    place.arrive(await this.delivery.arrived, file.name);
    this.delivery = null;
  }

  private lock(busy: boolean): void {
    this.send.disabled = busy;
    this.pauseButton.hidden = !busy;
    for (const place of this.places.values()) place.input.disabled = busy;
    for (const button of this.form.querySelectorAll<HTMLButtonElement>("[data-add], [data-remove]")) button.disabled = busy;
    window.onbeforeunload = busy ? (event) => event.preventDefault() : null;
  }

  private turn(): void {
    this.paused = !this.paused;
    const words = this.pauseButton.dataset;
    this.pauseButton.textContent = (this.paused ? words["textResume"] : words["textPause"]) ?? "";
    if (this.paused) {
      void this.delivery?.pause();
      this.delivery?.place.say(this.form.dataset["textPaused"]);
    } else this.delivery?.go();
  }
}

const form = document.querySelector<HTMLFormElement>("form[data-uploads]");
if (form) new LessonForm(form);
