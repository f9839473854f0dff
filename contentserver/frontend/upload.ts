/**
 * New lesson: the recording, captions and sound tracks go up one after the other in pieces (tus), may be paused, and go
 * on where they stopped after a reload or an outage, once the same file is chosen again. The form itself is sent only
 * when everything has arrived.
 */
import { DetailedError, Upload, type PreviousUpload } from "tus-js-client";
import { Checksum, element, fill, megabytes, passes, refusal, uploadOptions, type Kind, type Words } from "./upload-parts";

/** A place of the form for one file: what is chosen, how far it is, and the id of what has arrived. */
class Place {
  readonly input: HTMLInputElement;
  private readonly id: HTMLInputElement;
  private readonly sum: HTMLInputElement | null;
  private readonly bar: HTMLProgressElement;
  private readonly line: HTMLElement;
  private readonly here: HTMLElement;

  constructor(
    readonly root: HTMLElement,
    private readonly words: Words,
  ) {
    this.input = element(root, "input[type=file]");
    this.id = element(root, "input[data-id]");
    this.sum = root.querySelector("input[data-sum]");
    this.bar = element(root, "progress");
    this.line = element(root, "[data-line]");
    this.here = element(root, "[data-here]");
    // Another file was chosen: what had arrived before is not the one that is meant.
    this.input.addEventListener("change", () => {
      this.id.value = "";
      if (this.sum) this.sum.value = "";
      this.here.hidden = this.bar.hidden = this.line.hidden = true;
    });
  }

  get file(): File | null {
    return this.input.files?.[0] ?? null;
  }

  get kind(): Kind {
    if (this.id.name.startsWith("captions")) return "captions";
    return this.id.name.startsWith("sound") ? "sound" : "recording";
  }

  /** Counts the checksum of the recording while it goes up; nothing for what is small and comes beside it. */
  checksum(file: File): Checksum | null {
    return this.sum ? new Checksum(file) : null;
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

  arrive(id: string, name: string, sha256: string): void {
    this.id.value = id;
    if (this.sum) this.sum.value = sha256;
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
      ...uploadOptions(words, file, place.kind),
      onShouldRetry: (error) => {
        if (passes(error)) place.say(words["textOutage"]);
        return passes(error);
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
    } catch (error) {
      const body = error instanceof DetailedError ? (error.originalResponse?.getBody() ?? "") : "";
      this.delivery?.place.say(refusal(body) || this.form.dataset["textFailed"]);
      this.delivery = null;
      this.lock(false);
    }
  }

  private async deliver(place: Place): Promise<void> {
    const file = place.file;
    if (!file) return;
    place.progress(0, file.size, null);
    this.delivery = new Delivery(file, place, this.form.dataset);
    const checksum = place.checksum(file);
    try {
      await this.delivery.begin();
      const id = await this.delivery.arrived;
      place.arrive(id, file.name, (await checksum?.done) ?? "");
    } finally {
      checksum?.stop();
    }
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
