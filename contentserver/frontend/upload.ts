/**
 * New lesson: the recording goes up in pieces (tus), may be paused, and goes on where it stopped after a reload or an
 * outage, once the same file is chosen again. The form itself is sent only when everything has arrived.
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

/** One file on its way up. `arrived` resolves with the upload's id. */
class Delivery {
  readonly arrived: Promise<string>;
  private readonly upload: Upload;
  private startedAt = 0;
  private startedFrom: number | null = null;

  constructor(file: File, form: HTMLFormElement, line: HTMLElement, bar: HTMLProgressElement) {
    const words: Words = form.dataset;
    let arrive: (id: string) => void;
    let fail: (error: Error) => void;
    this.arrived = new Promise((resolve, reject) => {
      arrive = resolve;
      fail = reject;
    });
    this.upload = new Upload(file, {
      endpoint: form.dataset["uploads"] ?? "/uploads",
      chunkSize: PIECE_BYTES,
      retryDelays: OUTAGE_RETRIES_MS,
      removeFingerprintOnSuccess: true,
      headers: { "X-CSRFToken": document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "" },
      metadata: { filename: file.name },
      onShouldRetry: (error) => {
        line.textContent = fill(words["textOutage"], {});
        const status = error.originalResponse?.getStatus() ?? 0;
        return status < 400 || status >= 500 || status === 409 || status === 423;
      },
      onProgress: (sent, total) => {
        this.startedFrom ??= sent;
        const seconds = (performance.now() - this.startedAt) / 1000;
        const speed = seconds > 0 ? (sent - this.startedFrom) / seconds : 0;
        bar.value = total ? sent / total : 1;
        line.textContent = fill(words["textProgress"], {
          percent: String(Math.floor((100 * sent) / Math.max(total, 1))),
          sent: megabytes(sent),
          total: megabytes(total),
          left: speed > 0 ? String(Math.ceil((total - sent) / speed)) : "…",
        });
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

function element<T extends Element>(form: HTMLFormElement, selector: string): T {
  const found = form.querySelector<T>(selector);
  if (!found) throw new Error(`the page lacks ${selector}`);
  return found;
}

function prepare(form: HTMLFormElement): void {
  const recording = element<HTMLInputElement>(form, "input[name=recording_file]");
  const captions = element<HTMLInputElement>(form, "input[name=captions_file]");
  const panel = element<HTMLElement>(form, "[data-upload-panel]");
  const line = element<HTMLElement>(form, "[data-upload-line]");
  const bar = element<HTMLProgressElement>(form, "progress");
  const pause = element<HTMLButtonElement>(form, "[data-upload-pause]");
  const send = element<HTMLButtonElement>(form, "button[type=submit]");
  let delivery: Delivery | null = null;
  let paused = false;

  const deliver = async (file: File): Promise<string> => {
    delivery = new Delivery(file, form, line, bar);
    await delivery.begin();
    return delivery.arrived;
  };

  const takeUp = async (): Promise<void> => {
    const video = recording.files?.[0];
    if (!video) {
      recording.focus();
      return;
    }
    send.disabled = true;
    panel.hidden = false;
    window.onbeforeunload = (event) => event.preventDefault();
    try {
      element<HTMLInputElement>(form, "input[name=upload]").value = await deliver(video);
      const text = captions.files?.[0];
      if (text) element<HTMLInputElement>(form, "input[name=captions_upload]").value = await deliver(text);
      line.textContent = form.dataset["textArrived"] ?? "";
      window.onbeforeunload = null;
      form.submit();
    } catch {
      line.textContent = form.dataset["textFailed"] ?? "";
      send.disabled = false;
      window.onbeforeunload = null;
    }
  };

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = (paused ? pause.dataset["textResume"] : pause.dataset["textPause"]) ?? "";
    if (paused) {
      void delivery?.pause();
      line.textContent = form.dataset["textPaused"] ?? "";
    } else delivery?.go();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void takeUp();
  });
}

const form = document.querySelector<HTMLFormElement>("form[data-uploads]");
if (form) prepare(form);
