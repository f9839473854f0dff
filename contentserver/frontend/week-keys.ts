/**
 * The grid by keyboard: one tab stop; arrows go from card to card and over empty days; the focused place survives every
 * redrawing. What Enter, N, Delete and the others cause is the page's (`timetable.ts`).
 */

export interface Place {
  airing: string | undefined;
  row: string;
  day: string;
}

export interface KeyHands {
  open(place: Place): void;
  schedule(place: Place): void;
  cancel(place: Place): void;
  nudge(place: Place, days: number): void;
}

export class WeekKeys {
  private place: Place | null = null;
  private had = false;

  constructor(
    private readonly holder: HTMLElement,
    private readonly hands: KeyHands,
  ) {
    holder.addEventListener("focusin", (event) => this.note(event.target));
    holder.addEventListener("focusout", (event) => {
      this.had = event.relatedTarget === null || holder.contains(event.relatedTarget as Node);
    });
    holder.addEventListener("keydown", (event) => this.pressed(event));
  }

  get current(): Place | null {
    return this.place;
  }

  /** After a redrawing: exactly one thing can be tabbed to, and the focus is where it was. */
  restore(): void {
    const focused = document.activeElement;
    const lost = this.had && (focused === document.body || focused === null);
    const stands = this.find(this.place) ?? this.cells()[0]?.[0];
    for (const one of this.holder.querySelectorAll<HTMLElement>("[tabindex]")) one.tabIndex = one === stands ? 0 : -1;
    if (lost) stands?.focus({ preventScroll: true });
  }

  /** Something moved there: after the next redrawing the focus goes with it. */
  follow(row: string, day: string): void {
    this.place = { airing: undefined, row, day };
  }

  /** Put the focus back into the grid, on the place it had or on another. */
  focus(place: Place | null = this.place): void {
    const found = this.find(place) ?? this.find(this.place);
    found?.focus();
  }

  private cells(): HTMLElement[][] {
    return [...this.holder.querySelectorAll(".ec-body .ec-days")].map((row) => [
      ...row.querySelectorAll<HTMLElement>(".ec-day"),
    ]);
  }

  private cardsOf(cell: HTMLElement | undefined): HTMLElement[] {
    if (!cell) return [];
    const cards = [...cell.querySelectorAll<HTMLElement>("[data-airing]:not(.ec-preview)")];
    return cards.sort((one, other) => one.offsetTop - other.offsetTop || one.offsetLeft - other.offsetLeft);
  }

  private find(place: Place | null): HTMLElement | undefined {
    if (!place) return undefined;
    const card = place.airing && this.holder.querySelector<HTMLElement>(`[data-airing="${CSS.escape(place.airing)}"]`);
    if (card) return card;
    const cell = this.holder.querySelector<HTMLElement>(`.ec-days[data-row="${place.row}"] .ec-day[data-day="${place.day}"]`);
    return this.cardsOf(cell ?? undefined)[0] ?? cell ?? undefined;
  }

  private placeOf(element: Element): Place | null {
    const cell = element.closest<HTMLElement>(".ec-day");
    const row = element.closest<HTMLElement>(".ec-days");
    if (!cell || !row) return null;
    const airing = element.closest<HTMLElement>("[data-airing]")?.dataset["airing"];
    return { airing, row: row.dataset["row"] ?? "", day: cell.dataset["day"] ?? "" };
  }

  private note(target: EventTarget | null): void {
    const place = target instanceof Element ? this.placeOf(target) : null;
    if (!place || !(target instanceof HTMLElement)) return;
    this.place = place;
    this.had = true;
    for (const one of this.holder.querySelectorAll<HTMLElement>("[tabindex='0']")) if (one !== target) one.tabIndex = -1;
    target.tabIndex = 0;
  }

  private pressed(event: KeyboardEvent): void {
    const place = event.target instanceof Element ? this.placeOf(event.target) : null;
    if (!place || event.altKey || event.ctrlKey || event.metaKey) return;
    const taken = this.act(event, place);
    if (taken) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  private act(event: KeyboardEvent, place: Place): boolean {
    switch (event.key) {
      case "ArrowLeft":
      case "ArrowRight": {
        const step = event.key === "ArrowLeft" ? -1 : 1;
        if (event.shiftKey) this.hands.nudge(place, step);
        else this.aside(step);
        return true;
      }
      case "ArrowUp":
      case "ArrowDown":
        this.along(event.key === "ArrowUp" ? -1 : 1);
        return true;
      case "Home":
      case "End":
        this.edge(event.key === "End");
        return true;
      case "Enter":
      case " ":
        if (place.airing) this.hands.open(place);
        else this.hands.schedule(place);
        return true;
      case "n":
      case "N":
        this.hands.schedule(place);
        return true;
      case "Delete":
      case "Backspace":
        if (place.airing) this.hands.cancel(place);
        return true;
      default:
        return false;
    }
  }

  private here(): { rows: HTMLElement[][]; row: number; column: number; cards: HTMLElement[]; card: number } | null {
    const focused = document.activeElement;
    const rows = this.cells();
    for (const [row, cells] of rows.entries()) {
      for (const [column, cell] of cells.entries()) {
        if (!focused || !cell.contains(focused)) continue;
        const cards = this.cardsOf(cell);
        return { rows, row, column, cards, card: cards.findIndex((one) => one === focused) };
      }
    }
    return null;
  }

  private enter(cell: HTMLElement | undefined, last = false): void {
    const cards = this.cardsOf(cell);
    (cards[last ? cards.length - 1 : 0] ?? cell)?.focus();
  }

  /** Left and right: the neighbouring day; in the view of one day, the neighbouring card. */
  private aside(step: number): void {
    const at = this.here();
    if (!at) return;
    if ((at.rows[at.row]?.length ?? 0) === 1) at.cards[at.card + step]?.focus();
    else this.enter(at.rows[at.row]?.[at.column + step]);
  }

  /** Up and down: the neighbouring card of the day, then the neighbouring layer. */
  private along(step: number): void {
    const at = this.here();
    if (!at) return;
    const oneDay = at.rows[at.row]?.length === 1;
    const next = oneDay ? undefined : at.cards[at.card + step];
    if (at.card >= 0 && next) next.focus();
    else this.enter(at.rows[at.row + step]?.[at.column], step < 0 && !oneDay);
  }

  private edge(end: boolean): void {
    const at = this.here();
    const cells = at?.rows[at.row] ?? [];
    if (cells.length === 1) at?.cards[end ? at.cards.length - 1 : 0]?.focus();
    else this.enter(cells[end ? cells.length - 1 : 0]);
  }
}
