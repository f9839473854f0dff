/**
 * What really played of a video: lesson time that moved while it could be seen or heard, by the browser's steady clock.
 * Jumps, standing still and waiting for the line are no playing. The clock's time of day is never asked.
 */
export interface Span {
  from_ms: number;
  to_ms: number;
  at_ms: number;
  clock_ms: number;
}

interface Moment {
  media: number;
  at: number;
}

const LONGEST_MS = 15_000;
const SHORTEST_MS = 200;
/** So far the picture may be ahead of the clock between two looks. */
const JUMP_MS = 400;
const STANDS_AFTER_MS = 2000;

export class Played {
  private begun: Moment | null = null;
  private last: Moment = { media: 0, at: 0 };
  private readonly origin = performance.now();

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly tell: (span: Span) => void,
  ) {
    for (const name of ["playing", "timeupdate", "volumechange"]) video.addEventListener(name, () => this.look());
    for (const name of ["pause", "waiting", "ended", "ratechange"]) video.addEventListener(name, () => this.end());
    for (const name of ["seeking", "emptied", "error"]) video.addEventListener(name, () => this.close());
    document.addEventListener("visibilitychange", () => this.look());
  }

  /** Whatever plays at this moment is told now, and goes on as another span. */
  cut(): void {
    this.end();
    this.look();
  }

  private get now(): Moment {
    return { media: this.video.currentTime * 1000, at: performance.now() };
  }

  private get counts(): boolean {
    const { paused, seeking, muted, volume } = this.video;
    const audible = !muted && volume > 0;
    return !paused && !seeking && (document.visibilityState === "visible" || audible);
  }

  private look(): void {
    if (!this.counts) {
      this.close();
      return;
    }
    const now = this.now;
    if (this.begun && !this.moved(now)) this.close();
    if (!this.begun) this.begun = now;
    this.last = now;
    if (now.at - this.begun.at < LONGEST_MS) return;
    this.close();
    this.begun = this.last = now;
  }

  /** The last bit before it stopped counts as well, where it moved. */
  private end(): void {
    const now = this.now;
    if (this.begun && !this.video.seeking && this.moved(now)) this.last = now;
    this.close();
  }

  private moved(now: Moment): boolean {
    const [media, clock] = [now.media - this.last.media, now.at - this.last.at];
    if (media < 0 || media > clock * this.video.playbackRate + JUMP_MS) return false;
    return clock < STANDS_AFTER_MS || media > (clock * this.video.playbackRate) / 2;
  }

  private close(): void {
    const begun = this.begun;
    this.begun = null;
    if (!begun || this.last.media - begun.media < SHORTEST_MS) return;
    this.tell({
      from_ms: Math.round(begun.media),
      to_ms: Math.round(this.last.media),
      at_ms: Math.round(begun.at - this.origin),
      clock_ms: Math.max(1, Math.round(this.last.at - begun.at)),
    });
  }
}
