/**
 * A lesson's package in the browser, under a control bar of its own. The signature of the package's address goes on
 * every request. Which rendition, sound track and captions are wanted stands in the page's selects; `seek.ts` is the bar.
 */
import Hls, { type HlsConfig, type Level } from "hls.js";
import { Seek } from "./seek";

const SKIP_S = 10;
const WAITS_AFTER_MS = 500;

function optional<T extends Element>(parent: Element, selector: string): T | null {
  return parent.querySelector<T>(selector);
}

function needed<T extends Element>(parent: Element, selector: string): T {
  const found = optional<T>(parent, selector);
  if (!found) throw new Error(`the page lacks ${selector}`);
  return found;
}

class Player {
  private readonly video: HTMLVideoElement;
  private readonly seek: Seek;
  private readonly rendition: HTMLSelectElement;
  private readonly sound: HTMLSelectElement | null;
  private readonly captions: HTMLSelectElement | null;
  private readonly trouble: HTMLElement;
  private hls: Hls | null = null;
  private source = "";
  private begun = false;
  private broken = false;
  private recoveredAt = 0;

  constructor(private readonly root: HTMLElement) {
    this.video = needed(root, "video");
    this.rendition = needed(root, "[data-rendition]");
    this.sound = optional(root, "[data-sound]");
    this.captions = optional(root, "[data-captions]");
    this.trouble = needed(root, "[data-trouble]");
    this.seek = new Seek(needed(root, "[data-seek]"), this.video, (path) => this.address(path));
    needed<HTMLElement>(root, "[data-controls]").hidden = false;
    this.wireButtons();
    this.wireChoices();
    this.wireKeys();
    this.wireWaiting();
    for (const track of root.querySelectorAll("track")) track.addEventListener("load", () => raise(track.track));
    this.load();
    this.showCaptions();
  }

  /** Go to a moment and play from there. */
  jump(milliseconds: number): void {
    this.seek.show(milliseconds);
    this.begin(milliseconds / 1000);
    this.video.currentTime = milliseconds / 1000;
    this.root.scrollIntoView({ block: "nearest" });
    void this.play();
  }

  /** Be told the moment that the bar shows, as people write it, whenever it changes. */
  onMoment(tell: (text: string) => void): void {
    this.seek.onShown = tell;
  }

  private address(path: string): string {
    return `${this.root.dataset["base"] ?? ""}${path}${this.root.dataset["query"] ?? ""}`;
  }

  private get chosen(): HTMLOptionElement | null {
    return this.rendition.selectedOptions[0] ?? null;
  }

  /** Load what the choices ask for: the whole package, or one sound track's own playlist for sound alone. */
  private load(): void {
    const alone = this.chosen?.dataset["kind"] === "audio";
    const tracks = this.chosen?.dataset["sounds"]?.split("|") ?? [];
    const path = alone
      ? tracks[Number(this.sound?.value ?? 0)] || (this.chosen?.dataset["playlist"] ?? "")
      : (this.root.dataset["master"] ?? "");
    if (path === this.source && !this.broken) return this.choose();
    const at = this.video.currentTime;
    const playing = !this.video.paused;
    this.source = path;
    this.hls?.destroy();
    this.hls = null;
    this.root.classList.toggle("sound-alone", alone);
    if (!Hls.isSupported()) {
      this.video.src = this.address(path);
      return;
    }
    const hls = new Hls(this.settings());
    this.hls = hls;
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
      this.markPlayable(hls);
      this.choose();
    });
    hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, () => this.chooseSound());
    hls.on(Hls.Events.LEVEL_SWITCHED, (_name, { level }) => this.nameAutomatic(hls.levels[level]));
    hls.on(Hls.Events.ERROR, (_name, error) => {
      if (error.fatal) this.recover(hls, error.type);
    });
    hls.loadSource(this.address(path));
    hls.attachMedia(this.video);
    this.trouble.hidden = true;
    this.begun = this.broken = false;
    if (at > 0 || playing) this.begin(at);
    if (playing) void this.play();
  }

  /** Fetch from a moment on, anew after trouble; until somebody plays or seeks, only the playlist is fetched. */
  private begin(seconds: number): void {
    if (this.broken) return this.load();
    if (!this.hls || this.begun) return;
    this.begun = true;
    this.hls.config.startPosition = seconds || -1;
    this.hls.startLoad(seconds || -1);
  }

  private settings(): Partial<HlsConfig> {
    const query = this.root.dataset["query"] ?? "";
    return {
      autoStartLoad: false,
      capLevelToPlayerSize: true,
      enableWorker: false,
      // Captions are the page's own tracks, so that they stay when the sound is heard alone.
      renderTextTracksNatively: false,
      enableWebVTT: false,
      xhrSetup: (request, url) => request.open("GET", url.includes("?") ? url : url + query, true),
    };
  }

  /** Bring hls.js to the rendition and the sound track that are chosen. */
  private choose(): void {
    const hls = this.hls;
    if (!hls) return;
    const wanted = this.chosen?.dataset["playlist"];
    const level = wanted ? hls.levels.findIndex((one) => holds(one, wanted)) : -1;
    if (level >= 0) hls.startLevel = level;
    hls.nextLevel = level;
    if (level < 0) this.nameAutomatic(hls.levels[hls.currentLevel]);
    else this.nameAutomatic(undefined);
    this.chooseSound();
  }

  private chooseSound(): void {
    const hls = this.hls;
    const place = Number(this.sound?.value ?? -1);
    if (hls && this.sound && place < hls.audioTracks.length && hls.audioTrack !== place) hls.audioTrack = place;
  }

  /** Renditions that this browser cannot show stay in the list, but cannot be chosen. */
  private markPlayable(hls: Hls): void {
    if (this.source !== this.root.dataset["master"]) return;
    for (const option of this.rendition.options) {
      const { kind, playlist } = option.dataset;
      if (kind === "video" && playlist) option.disabled = !hls.levels.some((one) => holds(one, playlist));
    }
  }

  private nameAutomatic(level: Level | undefined): void {
    const option = this.rendition.options[0];
    if (!option) return;
    const words = option.dataset["text"] ?? "";
    const name = [...this.rendition.options].find((one) => level && holds(level, one.dataset["playlist"] ?? "?"));
    option.textContent = name && !this.rendition.value ? `${words} · ${name.textContent ?? ""}` : words;
  }

  private recover(hls: Hls, type: string): void {
    const now = performance.now();
    if (type === Hls.ErrorTypes.MEDIA_ERROR && now - this.recoveredAt > 5000) {
      this.recoveredAt = now;
      hls.recoverMediaError();
      return;
    }
    const words = this.trouble.dataset;
    const network = type === Hls.ErrorTypes.NETWORK_ERROR;
    needed(this.trouble, "span").textContent = (network ? words["textLine"] : words["textCodec"]) ?? "";
    this.trouble.hidden = false;
    this.video.pause();
    this.broken = true;
  }

  private async play(): Promise<void> {
    try {
      await this.video.play();
    } catch {
      // Interrupted by a pause or by another source; the button shows how it stands.
    }
  }

  private toggle(): void {
    if (this.video.paused) void this.play();
    else this.video.pause();
  }

  private wireButtons(): void {
    const play = needed<HTMLButtonElement>(this.root, "[data-play]");
    const mute = needed<HTMLButtonElement>(this.root, "[data-mute]");
    const volume = needed<HTMLInputElement>(this.root, "[data-volume]");
    const showPlay = (): void => {
      this.root.classList.toggle("playing", !this.video.paused);
      play.setAttribute("aria-label", (this.video.paused ? play.dataset["textPlay"] : play.dataset["textPause"]) ?? "");
    };
    const showVolume = (): void => {
      const silent = this.video.muted || this.video.volume === 0;
      this.root.classList.toggle("muted", silent);
      mute.setAttribute("aria-pressed", String(silent));
      volume.value = String(this.video.muted ? 0 : this.video.volume);
      volume.style.setProperty("--done", `${Number(volume.value) * 100}%`);
    };
    play.addEventListener("click", () => this.toggle());
    this.video.addEventListener("click", () => this.toggle());
    for (const name of ["play", "seeking"]) this.video.addEventListener(name, () => this.begin(this.video.currentTime));
    for (const name of ["play", "pause", "ended"]) this.video.addEventListener(name, showPlay);
    mute.addEventListener("click", () => (this.video.muted = !this.video.muted));
    volume.addEventListener("input", () => {
      this.video.volume = Number(volume.value);
      this.video.muted = false;
    });
    this.video.addEventListener("volumechange", showVolume);
    showVolume();
    needed(this.root, "[data-full]").addEventListener("click", () => this.fullScreen());
  }

  private wireChoices(): void {
    this.rendition.addEventListener("change", () => this.load());
    this.sound?.addEventListener("change", () => this.load());
    this.captions?.addEventListener("change", () => this.showCaptions());
    const speed = needed<HTMLSelectElement>(this.root, "[data-speed]");
    speed.addEventListener("change", () => {
      this.video.defaultPlaybackRate = this.video.playbackRate = Number(speed.value);
    });
  }

  private showCaptions(): void {
    const wanted = this.captions?.value;
    [...this.video.textTracks].forEach((track, place) => {
      track.mode = wanted === String(place) ? "showing" : "disabled";
    });
  }

  private wireKeys(): void {
    this.root.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
      const onButton = event.target instanceof HTMLButtonElement;
      if ((event.key === " " && !onButton) || event.key === "k") this.toggle();
      else if (event.key === "j") this.skip(-SKIP_S);
      else if (event.key === "l") this.skip(SKIP_S);
      else if (event.key === "m") this.video.muted = !this.video.muted;
      else if (event.key === "f") this.fullScreen();
      else if (event.key === "c") this.turnCaptions();
      else return;
      event.preventDefault();
    });
  }

  private skip(seconds: number): void {
    this.video.currentTime = Math.max(0, this.video.currentTime + seconds);
  }

  private turnCaptions(): void {
    if (!this.captions) return;
    this.captions.value = this.captions.value ? "" : "0";
    this.showCaptions();
  }

  private fullScreen(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.root.requestFullscreen();
  }

  private wireWaiting(): void {
    const sign = needed<HTMLElement>(this.root, "[data-waits]");
    let timer = 0;
    this.video.addEventListener("waiting", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => (sign.hidden = false), WAITS_AFTER_MS);
    });
    this.video.addEventListener("playing", () => (this.trouble.hidden = true));
    for (const name of ["playing", "seeked", "pause", "error"]) {
      this.video.addEventListener(name, () => {
        window.clearTimeout(timer);
        sign.hidden = true;
      });
    }
  }
}

/** Captions stand one line above the lower edge. */
function raise(track: TextTrack): void {
  for (const cue of track.cues ?? []) {
    if (cue instanceof VTTCue) cue.line = -1 - cue.text.split("\n").length;
  }
}

function holds(level: Level, playlist: string): boolean {
  return level.url.some((url) => new URL(url, location.href).pathname.endsWith(`/${playlist}`));
}

/** Show which comment a pin is about: the pin and its comment in the list are one thing in two places. */
function point(comment: string): void {
  for (const marked of document.querySelectorAll(".pin[aria-current], .comment[aria-current]")) {
    marked.removeAttribute("aria-current");
  }
  document.querySelector(`.pin[data-pin="${comment}"]`)?.setAttribute("aria-current", "true");
  const said = document.getElementById(`comment-${comment}`);
  said?.setAttribute("aria-current", "true");
  said?.scrollIntoView({ block: "nearest" });
}

/** A comment is about the moment at which the player stands, until somebody writes the time or begins to write. */
function followMoment(player: Player, form: HTMLFormElement): void {
  const at = needed<HTMLInputElement>(form, "[data-at]");
  const words = needed<HTMLInputElement>(form, "[data-words]");
  let own = words.value !== "";
  at.addEventListener("input", () => (own = at.value !== ""));
  player.onMoment((text) => {
    if (!own && words.value === "") at.value = text;
  });
}

const root = document.querySelector<HTMLElement>("[data-player]");
if (root) {
  const player = new Player(root);
  for (const button of document.querySelectorAll<HTMLElement>("[data-jump]")) {
    button.addEventListener("click", () => {
      player.jump(Number(button.dataset["jump"]));
      if (button.dataset["pin"]) point(button.dataset["pin"]);
    });
  }
  const form = document.querySelector<HTMLFormElement>("form[data-comment]");
  if (form) followMoment(player, form);
  const asked = Number(new URLSearchParams(location.search).get("t"));
  if (asked > 0) player.jump(asked * 1000);
}
