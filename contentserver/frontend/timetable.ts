/**
 * The week of the timetable: what the hands of mouse and keyboard mean, and what becomes of the page.
 *
 * The page is whole without it: every edit here has its form there, and after each edit the page is read again and its
 * parts are exchanged, so that nothing is drawn twice by two programs. The grid: `week-grid.ts`; words with the server:
 * `week-edits.ts`.
 */
import { addDays, dayOf, fill, keyOf, readPage, readWords, spoken, type Airing, type Row } from "./week-data";
import { Dialogs, list, paragraph } from "./week-dialogs";
import { readAgain, readPart, sendEdit, sendForm, sendUndo, Unreachable, type Edit, type Reply } from "./week-edits";
import { chosenFilter, keepFilter } from "./week-filter";
import { WeekGrid, type Cell } from "./week-grid";
import { WeekKeys, type Place } from "./week-keys";
import { readLights, type Lights } from "./week-lights";
import { Live, showMode, type Delivery } from "./week-live";
import { Palette, type Load } from "./week-palette";
import { Refusal } from "./week-refusal";
import { Scheduling } from "./week-scheduling";

const PARTS = ["heading", "state", "clashes", "evening", "week-table", "week-data"];
const FIND_AFTER_MS = 120;

class Timetable {
  private data = readPage(document);
  private readonly words = readWords(document);
  private readonly dialogs = new Dialogs(this.words);
  private readonly grid: WeekGrid;
  private readonly keys: WeekKeys;
  private readonly palette: Palette | null;
  private readonly scheduling: Scheduling | null;
  private readonly refusal = new Refusal(this.words);
  private lights: Lights = new Map();
  private busy = 0;
  /** What is under way with the server; the next edit waits for it, so that nobody is told of a clash with themselves. */
  private underWay: Promise<void> = Promise.resolve();

  constructor(holder: HTMLElement) {
    const asked = new URLSearchParams(location.search);
    const day = asked.get("view") === "day" ? (document.querySelector<HTMLSelectElement>("#evening-day")?.value ?? "") : "";
    this.keys = new WeekKeys(holder, {
      open: (place) => void this.settled(place).then((airing) => this.open(airing)),
      schedule: (place) => this.schedule(place),
      cancel: (place) => void this.settled(place).then((airing) => this.cancel(airing)),
      nudge: (place, days) => void this.settled(place).then((airing) => this.nudge(airing, days)),
    });
    this.grid = new WeekGrid(holder, this.data, chosenFilter(), day, this.words, {
      moved: (airing, to, row, revert) => void this.move(airing, to, row, revert),
      stretched: (airing, until, revert) => void this.stretch(airing, until, revert),
      opened: (airing) => this.open(airing),
      drawn: () => {
        this.showLights();
        this.keys?.restore();
      },
    });
    this.palette = this.makePalette();
    this.scheduling = Scheduling.of(() => this.keys.focus());
    this.wire();
    void this.readLights();
    const state = document.getElementById("state");
    if (state) new Live(this.data.week.region, (delivery) => void this.heard(delivery), (mode) => showMode(mode, this.words));
  }

  // What stands where ------------------------------------------------------------------------------------------------

  private row(layer: string): Row | undefined {
    return this.data.week.rows.find((one) => one.layer === layer);
  }

  private version(code: string): number {
    return this.data.week.rows.find((one) => one.code === code)?.version ?? 0;
  }

  // Moving and stretching --------------------------------------------------------------------------------------------

  private async move(airing: Airing, to: string, row: Row | null, revert: () => void): Promise<void> {
    if (row?.layer !== airing.layer) {
      revert();
      this.dialogs.say(fill(this.words["otherRow"], { row: row?.name ?? this.words["television"] ?? "" }));
      return;
    }
    if (to === airing.start) return revert();
    const edit = await this.moving(airing, to);
    if (!edit) return revert();
    await this.make(row.code, edit, revert, airing);
  }

  /** The edit that a move means; null where the person leaves it. */
  private async moving(airing: Airing, to: string): Promise<Edit | null> {
    if (to < this.data.week.now) {
      const answer = await this.dialogs.ask(
        this.words["pastTitle"] ?? "",
        [paragraph(this.words["pastText"] ?? "")],
        [
          { value: "leave", label: this.words["leave"] ?? "", safe: true },
          { value: "move", label: this.words["moveAnyway"] ?? "" },
        ],
      );
      if (answer !== "move") return null;
    }
    if (airing.makes_up) return { do: "add_make_up", airing: airing.makes_up, start: to };
    const evening = { do: "move_evening", slot: airing.slot, planned: airing.planned, moved_to: to };
    if (airing.once || airing.is_repeat) return evening;
    const said = fill(this.words["repeatsText"], { title: airing.title, repeats: airing.repeats, when: spoken(to, this.words) });
    const answer = await this.dialogs.ask(
      this.words["repeatsTitle"] ?? "",
      [paragraph(said)],
      [
        { value: "one", label: this.words["onlyThis"] ?? "", safe: false },
        { value: "all", label: this.words["allLater"] ?? "" },
        { value: "leave", label: this.words["leave"] ?? "", safe: true },
      ],
    );
    if (answer === "leave") return null;
    return answer === "all" ? { ...evening, do: "move_slot" } : evening;
  }

  private async stretch(airing: Airing, until: string, revert: () => void): Promise<void> {
    const row = this.row(airing.layer);
    if (!row || until < dayOf(airing.start)) return revert();
    await this.make(row.code, { do: "stretch_slot", slot: airing.slot, until }, revert, airing);
  }

  /** What a key meant: the card at its place, or, when an edit was under way, the card that has the focus after it. */
  private async settled(place: Place): Promise<Airing | undefined> {
    if (!this.busy) return this.grid.airingOf(place.airing);
    await this.underWay;
    await new Promise((drawn) => window.requestAnimationFrame(drawn));
    return this.grid.airingOf(this.keys.current?.airing);
  }

  private async nudge(airing: Airing | undefined, days: number): Promise<void> {
    const row = airing && this.row(airing.layer);
    if (airing?.mine && row && airing.state !== "cancelled") await this.move(airing, addDays(airing.start, days), row, () => this.keys.focus());
  }

  private async cancel(airing: Airing | undefined): Promise<void> {
    const row = airing && this.row(airing.layer);
    if (!airing?.mine || !row || airing.state === "cancelled") return;
    const answer = await this.dialogs.ask(
      this.words["cancelTitle"] ?? "",
      [paragraph(fill(this.words["cancelText"], { title: airing.title, when: spoken(airing.start, this.words) }))],
      [
        { value: "keep", label: this.words["keepIt"] ?? "", safe: true },
        { value: "cancel", label: this.words["cancelIt"] ?? "" },
      ],
    );
    if (answer !== "cancel") return this.keys.focus();
    const edit = airing.makes_up
      ? { do: "remove_make_up", airing: airing.makes_up }
      : { do: "cancel_evening", slot: airing.slot, planned: airing.planned };
    await this.make(row.code, edit, () => this.keys.focus(), airing);
  }

  // Edits and their answers ------------------------------------------------------------------------------------------

  private async make(code: string, edit: Edit, revert: () => void, airing: Airing): Promise<void> {
    this.refusal.dismiss();
    await this.whileBusy(async () => {
      const reply = await sendEdit(code, this.version(code), edit);
      await this.judge(reply, code, edit, revert, airing);
    }, revert);
  }

  private async judge(reply: Reply, code: string, edit: Edit, revert: () => void, airing: Airing): Promise<void> {
    const { status, verdict } = reply;
    if (status === 200) {
      const to = edit["moved_to"] ?? edit["start"];
      if (typeof to === "string") this.keys.follow(airing.layer, dayOf(to));
      await this.refresh();
      this.dialogs.say(verdict.elsewhere.length ? (this.words["elsewhere"] ?? "") : verdict.said, () => void this.undo(code));
    } else if (status === 409 && verdict.changes.length) {
      revert();
      const again = await this.askMoved(verdict.sentences, verdict.changes, verdict.by);
      if (again) await this.judge(await sendEdit(code, verdict.version, edit), code, edit, revert, airing);
      else await this.refresh();
    } else {
      revert();
      this.refusal.show(
        verdict,
        edit,
        airing,
        (other) => void this.make(code, other, () => undefined, airing),
        () => this.keys.focus(),
      );
    }
  }

  private async askMoved(sentences: string[], changes: string[], by: string): Promise<boolean> {
    const head = document.createElement("h3");
    head.textContent = by ? fill(this.words["movedBy"], { person: by }) : (this.words["movedWhat"] ?? "");
    const answer = await this.dialogs.ask(
      this.words["movedTitle"] ?? "",
      [...sentences.map((one) => paragraph(one)), head, list(changes)],
      [
        { value: "load", label: this.words["loadNew"] ?? "", safe: true, primary: true },
        { value: "again", label: this.words["again"] ?? "" },
      ],
    );
    return answer === "again";
  }

  private async undo(code: string): Promise<void> {
    await this.whileBusy(async () => {
      const { status, page } = await sendUndo(code, this.version(code));
      const problem = status === 200 ? "" : (page.querySelector("main p")?.textContent ?? "");
      await this.refresh();
      this.dialogs.say(problem || (this.words["undone"] ?? ""));
      this.keys.focus();
    });
  }

  /** One after the other: work sees the versions that the work before it left. */
  private whileBusy(work: () => Promise<void>, revert: () => void = () => undefined): Promise<void> {
    this.busy += 1;
    this.underWay = this.underWay.then(() => this.attempt(work, revert)).finally(() => (this.busy -= 1));
    return this.underWay;
  }

  private async attempt(work: () => Promise<void>, revert: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      revert();
      this.dialogs.say(this.words["failed"] ?? "");
      if (!(error instanceof Unreachable)) console.error(error);
    }
  }

  /** Read the page again and take over what it says now. */
  private async refresh(address = location.href): Promise<void> {
    const { status, page } = await readAgain(address);
    if (status !== 200 || !page.getElementById("week-data")) {
      location.assign(address);
      return;
    }
    for (const id of PARTS) {
      const [here, there] = [document.getElementById(id), page.getElementById(id)];
      if (here && there) here.replaceWith(document.importNode(there, true));
    }
    const form = page.getElementById("schedule");
    if (form && this.scheduling && !this.scheduling.open) this.scheduling.fill(form);
    document.getElementById("moved")?.setAttribute("hidden", "");
    this.data = readPage(document);
    this.grid.draw(this.data);
    void this.readLights();
  }

  // Forms ------------------------------------------------------------------------------------------------------------

  private async send(form: HTMLFormElement, pressed: HTMLElement | null): Promise<void> {
    const kind = form.dataset["form"];
    const code = /\/timetable\/(\w+)\/(?:edit|undo)$/.exec(form.action)?.[1] ?? form.querySelector<HTMLSelectElement>("#region")?.value ?? "";
    const { status, page } = await sendForm(form, pressed);
    const sheet = page.getElementById("airing");
    const moved = page.getElementById("moved-on");
    const refused = page.getElementById("schedule");
    if (status === 200) {
      const said = [...page.querySelectorAll(".flash")].map((one) => one.textContent?.trim() ?? "").join(" ");
      this.scheduling?.close();
      await this.refresh();
      this.dialogs.closeSheet();
      this.dialogs.say(said || (this.words["saved"] ?? ""), kind === "undo" || !this.version(code) ? null : () => void this.undo(code));
      this.keys.focus();
    } else if (moved) {
      await this.sendAgain(form, pressed, moved, code);
    } else if (sheet && status === 422) {
      this.showSheet(sheet);
    } else if (refused && this.scheduling && status === 422) {
      this.scheduling.fill(refused);
      this.scheduling.focusFault();
    } else {
      this.dialogs.say(page.querySelector("main p")?.textContent ?? (this.words["failed"] ?? ""));
    }
  }

  /** A form as it stands now: while it waited its turn the page may have been read again. */
  private standing(form: HTMLFormElement): HTMLFormElement {
    return form.isConnected ? form : (document.querySelector<HTMLFormElement>(`form[data-form="${form.dataset["form"]}"]`) ?? form);
  }

  private async sendAgain(form: HTMLFormElement, pressed: HTMLElement | null, moved: HTMLElement, code: string): Promise<void> {
    const changes = [...moved.querySelectorAll(".changes li")].map((one) => one.textContent ?? "");
    const again = await this.askMoved([moved.querySelector("p")?.textContent ?? ""], changes, "");
    await this.refresh();
    const version = form.querySelector<HTMLInputElement>("input[name=version]");
    if (again && version) {
      version.value = String(this.version(code));
      await this.send(form, pressed);
    } else {
      this.dialogs.closeSheet();
      this.keys.focus();
    }
  }

  private open(airing: Airing | undefined): void {
    const card = airing && [...document.querySelectorAll<HTMLAnchorElement>("#week-table a[data-airing]")].find((one) => one.dataset["airing"] === keyOf(airing));
    if (!card) return;
    void this.whileBusy(async () => {
      const { page } = await readAgain(card.href);
      const sheet = page.getElementById("airing");
      if (sheet) this.showSheet(sheet);
      else this.dialogs.say(page.querySelector("main p")?.textContent ?? "");
    });
  }

  private showSheet(sheet: HTMLElement): void {
    const content = document.importNode(sheet, true);
    this.dialogs.show(content, content.querySelector("h1")?.textContent ?? "");
    content.querySelector<HTMLElement>("[data-error-summary]")?.focus();
  }

  // Scheduling -------------------------------------------------------------------------------------------------------

  private schedule(place: Place | null, load: Load | null = null, moment = ""): void {
    if (!this.scheduling || this.scheduling.open) return;
    const row = place ? this.row(place.row) : this.data.week.rows.at(-1);
    if (place && row && !row.mine && this.data.week.rows.some((one) => one.mine)) {
      this.dialogs.say(fill(this.words["notYours"], { row: row.name }));
      return;
    }
    this.scheduling.show(this.data.week, row ?? this.data.week.rows.at(-1), place?.day ?? "", load, moment);
  }

  private makePalette(): Palette | null {
    const place = document.getElementById("palette-list");
    if (!place) return null;
    const palette = new Palette(place, this.data.palette, this.words, {
      aim: (x, y) => this.grid.aim(x < 0 ? null : this.grid.at(x, y)),
      drop: (load, x, y) => this.dropLesson(load, this.grid.at(x, y)),
      press: (load) => this.schedule(null, load),
    });
    const find = document.querySelector<HTMLInputElement>("#find");
    const draw = (): void => palette.draw(find?.value ?? "", chosenFilter());
    let waiting = 0;
    find?.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(draw, FIND_AFTER_MS);
    });
    draw();
    return palette;
  }

  private dropLesson(load: Load, cell: Cell | null): void {
    if (!cell) return;
    if (!cell.row.mine) this.dialogs.say(fill(this.words["notYours"], { row: cell.row.name }));
    else if (cell.day < dayOf(this.data.week.now)) this.dialogs.say(this.words["pastDrop"] ?? "");
    else this.schedule({ airing: undefined, row: cell.row.layer, day: cell.day }, load, cell.moment);
  }

  // Listening --------------------------------------------------------------------------------------------------------

  private wire(): void {
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (!(form instanceof HTMLFormElement) || !form.dataset["form"]) return;
      event.preventDefault();
      if (!["filter", "evening"].includes(form.dataset["form"])) void this.whileBusy(() => this.send(this.standing(form), event.submitter));
    });
    document.addEventListener("change", (event) => {
      const field = event.target;
      if (!(field instanceof HTMLSelectElement)) return;
      if (field.id === "subject" || field.id === "audience") this.refilter();
      if (field.id === "evening-day") this.showEvening(field.value);
    });
    document.addEventListener("click", (event) => {
      const target = event.target instanceof Element ? event.target : null;
      const pressed = target?.closest("[data-schedule], [data-help], [data-reload]");
      for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
      if (!pressed) return;
      event.preventDefault();
      if (pressed.matches("[data-help]")) this.dialogs.showHelp();
      else if (pressed.matches("[data-reload]")) void this.whileBusy(() => this.refresh());
      else this.schedule(this.scheduleFrom());
    });
    document.addEventListener("keydown", (event) => this.pressed(event));
    this.dialogs.onSheetClosed(() => this.keys.focus());
  }

  /** The place in the grid that a person last was at, where it is theirs. */
  private scheduleFrom(): Place | null {
    const place = this.keys.current;
    return place && this.row(place.row)?.mine ? { ...place, airing: undefined } : null;
  }

  private pressed(event: KeyboardEvent): void {
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea, dialog");
    if (typing) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
      const undo = document.querySelector<HTMLButtonElement>("#undo");
      event.preventDefault();
      if (undo && !undo.disabled) undo.form?.requestSubmit();
      else this.dialogs.say(this.words["nothingToUndo"] ?? "");
    } else if (event.key === "Escape") {
      for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) menu.open = false;
    } else if (event.key === "?") {
      this.dialogs.showHelp();
    } else if (event.key.toLowerCase() === "n" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.schedule(this.scheduleFrom());
    }
  }

  private refilter(): void {
    const filter = chosenFilter();
    keepFilter(filter);
    this.grid.dim(filter);
    this.palette?.draw(document.querySelector<HTMLInputElement>("#find")?.value ?? "", filter);
  }

  private showEvening(day: string): void {
    for (const one of document.querySelectorAll<HTMLElement>("[data-evening]")) one.hidden = one.dataset["evening"] !== day;
  }

  private async readLights(): Promise<void> {
    this.lights = await readLights(this.data.week, this.words);
    this.showLights();
  }

  private showLights(): void {
    for (const [day, marks] of this.lights) this.grid?.light(day, marks);
  }

  private async heard(delivery: Delivery): Promise<void> {
    const code = this.data.week.region;
    const part = await readPart(`/timetable/${code}/state`);
    const state = document.getElementById("state");
    if (part && state) state.innerHTML = part;
    if (!this.busy && !this.scheduling?.open && delivery.draft !== this.version(code)) document.getElementById("moved")?.removeAttribute("hidden");
  }
}

const holder = document.getElementById("calendar");
if (holder) new Timetable(holder);
