/** The form that schedules a lesson, as a dialog over the week: what it proposes when it opens. */
import htmx from "htmx.org";
import { dayOf, freeStart, type Row, type Week } from "./week-data";
import type { Load } from "./week-palette";

/** How long a lesson is taken to be while none is chosen. */
const LESSON_MIN = 45;

export class Scheduling {
  private constructor(private readonly dialog: HTMLDialogElement) {}

  /** Take the form out of the page; null where the person may not schedule. */
  static of(closed: () => void): Scheduling | null {
    const section = document.getElementById("schedule");
    const dialog = document.querySelector<HTMLDialogElement>("#scheduling");
    if (!section || !dialog) return null;
    dialog.querySelector("[data-body]")?.replaceChildren(section);
    dialog.addEventListener("close", closed);
    const asked = new URLSearchParams(location.search);
    const wanted = asked.get("lesson") || asked.get("start") || location.hash === "#schedule";
    if (wanted || section.querySelector("[data-error-summary], .clash")) {
      dialog.showModal();
      section.querySelector<HTMLElement>("[data-error-summary], select")?.focus();
    }
    return new Scheduling(dialog);
  }

  get open(): boolean {
    return this.dialog.open;
  }

  close(): void {
    this.dialog.close();
  }

  /** Put another state of the form into the dialog. */
  fill(form: HTMLElement): void {
    const section = document.importNode(form, true);
    this.dialog.querySelector("[data-body]")?.replaceChildren(section);
    htmx.process(section);
  }

  /** After a refusal: the faults, or the way out. */
  focusFault(): void {
    this.dialog.querySelector<HTMLElement>("[data-error-summary], .clash button")?.focus();
  }

  /**
   * Open it.
   *
   * @param row the layer; the one seen where nothing is told.
   * @param day the day, unless it has passed.
   * @param moment the exact start, where one was pointed at.
   */
  show(week: Week, row: Row | undefined, day: string, load: Load | null, moment: string): void {
    const today = dayOf(week.now);
    const coming = today > week.monday ? today : week.monday;
    const chosen = moment ? dayOf(moment) : day >= today ? day : coming;
    this.set("#date", chosen);
    if (row) {
      const start = moment || freeStart(week, row, chosen, load?.minutes ?? LESSON_MIN);
      this.set("#time", start.slice(11, 16));
      if (row.mine) this.set("#region", row.code);
    }
    if (load) {
      this.set("#lesson", load.choice);
      this.set("#repeat", load.series ? "weekly" : "none");
    }
    this.dialog.showModal();
    this.dialog.querySelector<HTMLElement>(load ? "#time" : "#lesson")?.focus();
    if (load) this.dialog.querySelector("#lesson")?.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private set(selector: string, value: string): void {
    const field = this.dialog.querySelector<HTMLInputElement | HTMLSelectElement>(selector);
    if (field) field.value = value;
  }
}
