/** The seek bar: where the lesson is, a small picture of wherever one points or drags, marks of chapters and checks. */

function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const two = (number: number): string => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

interface Chapter {
  start: number;
  title: string;
  button: HTMLElement | null;
}

export class Seek {
  private readonly range: HTMLInputElement;
  private readonly now: HTMLElement;
  private readonly preview: HTMLElement;
  private readonly duration: number;
  private readonly chapters: Chapter[];
  private held = false;
  onShown: (text: string) => void = () => undefined;

  constructor(
    private readonly bar: HTMLElement,
    private readonly video: HTMLVideoElement,
    private readonly address: (path: string) => string,
  ) {
    this.range = this.part("input");
    this.now = this.part("[data-now]");
    this.preview = this.part("[data-preview]");
    this.duration = Number(bar.dataset["duration"]);
    const marks = [...bar.querySelectorAll<HTMLElement>("[data-mark]")];
    for (const mark of marks) mark.style.left = this.placeOf(Number(mark.dataset["mark"]));
    this.chapters = marks
      .filter((mark) => mark.classList.contains("chapter"))
      .map((mark) => ({
        start: Number(mark.dataset["mark"]),
        title: mark.dataset["title"] ?? "",
        button: document.querySelector<HTMLElement>(`.chapters [data-jump="${mark.dataset["mark"]}"]`),
      }));
    this.wire();
  }

  /** Show a moment on the bar. */
  show(milliseconds: number): void {
    this.range.value = String(milliseconds);
    this.range.setAttribute("aria-valuetext", clock(milliseconds));
    this.range.style.setProperty("--done", `${(100 * milliseconds) / Math.max(this.duration, 1)}%`);
    this.now.textContent = clock(milliseconds);
    this.onShown(clock(milliseconds));
    const current = this.chapterAt(milliseconds);
    for (const chapter of this.chapters) {
      if (chapter === current) chapter.button?.setAttribute("aria-current", "true");
      else chapter.button?.removeAttribute("aria-current");
    }
  }

  private part<T extends HTMLElement>(selector: string): T {
    const found = this.bar.querySelector<T>(selector);
    if (!found) throw new Error(`the seek bar lacks ${selector}`);
    return found;
  }

  private placeOf(milliseconds: number): string {
    return `${(100 * milliseconds) / Math.max(this.duration, 1)}%`;
  }

  private chapterAt(milliseconds: number): Chapter | undefined {
    return this.chapters.filter((chapter) => chapter.start <= milliseconds).at(-1);
  }

  private wire(): void {
    const range = this.range;
    this.video.addEventListener("timeupdate", () => {
      if (!this.held) this.show(this.video.currentTime * 1000);
    });
    range.addEventListener("input", () => {
      const at = Number(range.value);
      this.show(at);
      if (this.held) this.point(at);
      else this.video.currentTime = at / 1000;
    });
    range.addEventListener("change", () => (this.video.currentTime = Number(range.value) / 1000));
    range.addEventListener("keydown", (event) => this.step(event));
    range.addEventListener("pointerdown", () => (this.held = true));
    for (const name of ["pointerup", "pointercancel"]) {
      range.addEventListener(name, () => {
        this.held = false;
        this.preview.hidden = true;
      });
    }
    range.addEventListener("pointermove", (event) => {
      const box = range.getBoundingClientRect();
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      this.point(share * this.duration);
    });
    range.addEventListener("pointerleave", () => {
      if (!this.held) this.preview.hidden = true;
    });
    range.addEventListener("blur", () => (this.preview.hidden = true));
  }

  /** Arrows go five seconds, pages a minute; the small picture shows where one would land. */
  private step(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowLeft: -5000,
      ArrowDown: -5000,
      ArrowRight: 5000,
      ArrowUp: 5000,
      PageDown: -60000,
      PageUp: 60000,
    };
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const at = Math.min(this.duration, Math.max(0, Number(this.range.value) + by));
    this.show(at);
    this.point(at);
    this.video.currentTime = at / 1000;
  }

  private point(milliseconds: number): void {
    this.preview.hidden = false;
    this.preview.style.left = this.placeOf(milliseconds);
    this.part("[data-preview-time]").textContent = clock(milliseconds);
    this.part("[data-preview-chapter]").textContent = this.chapterAt(milliseconds)?.title ?? "";
    const sheets = (this.bar.dataset["sheets"] ?? "").split("|").filter(Boolean);
    const [width = 0, height = 0, columns = 1, rows = 1] = (this.bar.dataset["picture"] ?? "").split(",").map(Number);
    const place = Math.floor(Math.min(milliseconds, this.duration - 1) / Number(this.bar.dataset["interval"] ?? 1));
    const sheet = sheets[Math.floor(place / (columns * rows))];
    const picture = this.part("[data-preview-picture]");
    picture.hidden = !sheet;
    if (!sheet) return;
    const inside = place % (columns * rows);
    picture.style.width = `${width}px`;
    picture.style.height = `${height}px`;
    picture.style.backgroundImage = `url("${this.address(sheet)}")`;
    picture.style.backgroundPosition = `-${(inside % columns) * width}px -${Math.floor(inside / columns) * height}px`;
  }
}
