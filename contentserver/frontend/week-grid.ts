/**
 * The week, or one day of it, as a resource timeline of EventCalendar: rows are layers and the television they make.
 * Cards, heads and names are copies of what the server wrote into the table. Which keys do what: `week-keys.ts`.
 */
import { createCalendar, Interaction, ResourceTimeline, type Calendar, type DropInfo } from "@event-calendar/core";
import "@event-calendar/core/index.css";
import { addDays, dayOf, daysBetween, keyOf, naive, spoken, type Airing, type PageData, type Row, type Words } from "./week-data";
import type { Filter } from "./week-filter";

const TELEVISION = "television";
const SLOT_WIDTH = 60;
const DRAGGED_FROM_PX = 5;

export interface Cell {
  row: Row;
  day: string;
  /** The time pointed at in the view of one day; empty in the week. */
  moment: string;
  element: HTMLElement;
}

export interface Hands {
  moved(airing: Airing, to: string, row: Row | null, revert: () => void): void;
  stretched(airing: Airing, until: string, revert: () => void): void;
  opened(airing: Airing): void;
  drawn(): void;
}

type Copies = Map<string, Element>;

export class WeekGrid {
  private readonly calendar: Calendar;
  private data: PageData;
  private cards: Copies = new Map();
  private airings = new Map<string, Airing>();
  private table: HTMLElement;

  constructor(
    readonly holder: HTMLElement,
    data: PageData,
    private filter: Filter,
    /** The one day that is shown; empty for the whole week. */
    readonly day: string,
    private readonly words: Words,
    private readonly hands: Hands,
  ) {
    this.data = data;
    this.table = this.learn();
    this.calendar = createCalendar(holder, [ResourceTimeline, Interaction], this.options());
    this.table.hidden = true;
    holder.hidden = false;
    this.settle();
    this.listen();
  }

  /** Draw another state of the same week. */
  draw(data: PageData): void {
    this.data = data;
    this.table = this.learn();
    this.table.hidden = true;
    this.calendar.setOption("resources", this.resources());
    this.calendar.setOption("events", this.events());
    this.settle();
  }

  dim(filter: Filter): void {
    this.filter = filter;
    this.calendar.setOption("events", this.events());
    this.settle();
  }

  /** What lies under a point of the window; null where no layer does. */
  at(x: number, y: number): Cell | null {
    const inside = document.elementFromPoint(x, y)?.closest(".ec-body");
    const point = inside && this.holder.contains(inside) ? this.calendar.dateFromPoint(x, y) : null;
    const row = this.data.week.rows.find((one) => one.layer === point?.resource?.id);
    if (!point || !row) return null;
    const moment = naive(point.date);
    return { row, day: dayOf(moment), moment: this.day ? moment : "", element: point.dayEl };
  }

  /** Show where a carried lesson would fall. */
  aim(cell: Cell | null): void {
    for (const one of this.holder.querySelectorAll(".ec-day.aimed")) one.classList.remove("aimed");
    cell?.element.classList.add("aimed");
  }

  airingOf(key: string | undefined): Airing | undefined {
    return key === undefined ? undefined : this.airings.get(key);
  }

  row(layer: string | undefined): Row | undefined {
    return this.data.week.rows.find((one) => one.layer === layer);
  }

  /** Show the lights of readiness in the heads of the days. */
  light(day: string, marks: HTMLElement): void {
    this.holder.querySelector(`.ec-header [data-day="${day}"] .lights`)?.replaceChildren(marks.cloneNode(true));
  }

  /** A press that does not drag opens a card. */
  private listen(): void {
    let from = [0, 0] as [number, number];
    this.holder.addEventListener("pointerdown", (event) => (from = [event.clientX, event.clientY]), true);
    this.holder.addEventListener("click", (event) => {
      const card = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-airing]") : null;
      const airing = this.airings.get(card?.dataset["airing"] ?? "");
      if (!airing || Math.hypot(event.clientX - from[0], event.clientY - from[1]) > DRAGGED_FROM_PX) return;
      card?.focus();
      this.hands.opened(airing);
    });
  }

  private learn(): HTMLElement {
    const table = document.getElementById("week-table");
    if (!table) throw new Error("the page lacks its table");
    this.cards = new Map();
    for (const card of table.querySelectorAll<HTMLElement>("[data-airing]")) {
      this.cards.set(card.dataset["airing"] ?? "", card);
    }
    this.airings = new Map(this.data.week.events.map((one) => [keyOf(one), one]));
    return table;
  }

  private options(): Record<string, unknown> {
    const common = {
      date: this.day || this.data.week.monday,
      firstDay: 1,
      locale: document.documentElement.lang,
      headerToolbar: { start: "", center: "", end: "" },
      height: "auto",
      highlightedDates: [this.data.today],
      resources: this.resources(),
      events: this.events(),
      eventOrder: (one: { event: { id: string } }, other: { event: { id: string } }) => this.order(one.event.id, other.event.id),
      resourceLabelContent: ({ resource }: { resource: { id: string } }) => ({ domNodes: this.copies(`tr[data-row="${resource.id}"] th`) }),
      eventContent: ({ event }: { event: { id: string } }) => ({ domNodes: this.content(event.id) }),
      eventClassNames: ({ event }: { event: { id: string } }) => this.names(event.id),
      eventDidMount: ({ event, el }: { event: { id: string }; el: HTMLElement }) => this.name(event.id, el),
      eventDrop: (info: DropInfo) => this.dropped(info),
      eventResize: (info: DropInfo) => this.stretched(info),
      eventStartEditable: false,
      eventDurationEditable: false,
      dragScroll: false,
    };
    if (this.day) {
      return {
        ...common,
        view: "resourceTimelineDay",
        slotDuration: "00:15",
        slotLabelInterval: "00:30",
        slotLabelFormat: (date: Date) => naive(date).slice(11, 16),
        slotWidth: SLOT_WIDTH,
        slotMinTime: "06:00",
        slotMaxTime: "24:00",
        flexibleSlotTimeLimits: true,
        scrollTime: "18:30",
      };
    }
    return {
      ...common,
      view: "resourceTimelineMonth",
      duration: { weeks: 1 },
      dayHeaderFormat: (date: Date) => ({ domNodes: this.head(dayOf(naive(date))) }),
    };
  }

  private resources(): { id: string; title: string }[] {
    return [...this.data.week.rows.map((row) => ({ id: row.layer, title: row.name })), { id: TELEVISION, title: "" }];
  }

  private events(): Record<string, unknown>[] {
    const shown = this.data.week.events.map((one) => {
      const lastSecond = `${dayOf(one.start)}T23:59:59`;
      return {
        id: keyOf(one),
        resourceId: one.layer,
        start: one.start,
        end: this.day || one.end < lastSecond ? one.end : lastSecond,
        allDay: false,
        title: one.title,
        startEditable: one.mine && one.state !== "cancelled",
        durationEditable: !this.day && one.mine && one.once && !one.is_repeat && !one.makes_up && one.state !== "cancelled",
      };
    });
    return [...shown, ...(this.day ? this.televisionOfDay() : this.televisionOfWeek())];
  }

  private televisionOfWeek(): Record<string, unknown>[] {
    return this.data.week.television.flatMap((entries, number) => {
      const day = addDays(this.data.week.monday, number);
      if (!entries.length) return [];
      return [{ id: `${TELEVISION}|${day}`, resourceId: TELEVISION, start: `${day}T00:00:00`, end: `${day}T23:00:00`, allDay: false }];
    });
  }

  private televisionOfDay(): Record<string, unknown>[] {
    const entries = this.data.week.television[daysBetween(this.data.week.monday, this.day)] ?? [];
    return entries.map((one, number) => ({
      id: `${TELEVISION}|${this.day}|${number}`,
      resourceId: TELEVISION,
      start: one.start,
      end: one.end,
      allDay: false,
    }));
  }

  private order(one: string, other: string): number {
    const [first, second] = [this.airings.get(one)?.start ?? "", this.airings.get(other)?.start ?? ""];
    return first.localeCompare(second) || one.localeCompare(other);
  }

  private copies(selector: string): Node[] {
    return [...(this.table.querySelector(selector)?.cloneNode(true).childNodes ?? [])];
  }

  private head(day: string): Node[] {
    const made = document.createElement("span");
    made.dataset["day"] = day;
    made.classList.toggle("is-today", day === this.data.today);
    made.append(...this.copies(`th[data-day="${day}"]`));
    return [made];
  }

  private content(id: string): Node[] {
    const [kind, day, number] = id.split("|");
    if (kind !== TELEVISION) return [...(this.cards.get(id)?.cloneNode(true).childNodes ?? []), this.where(id)];
    const list = this.table.querySelector(`[data-television="${day}"] ul`);
    if (!number) return list ? [list.cloneNode(true)] : [];
    const line = list?.children[Number(number)];
    return line ? [...line.cloneNode(true).childNodes] : [];
  }

  /** For the ear: what the eye sees by the place of a card. */
  private where(id: string): HTMLElement {
    const made = document.createElement("span");
    made.className = "hidden-words";
    const airing = this.airings.get(id);
    if (airing) made.textContent = ` ${spoken(airing.start, this.words, false)}, ${this.row(airing.layer)?.name ?? ""}`;
    return made;
  }

  private names(id: string): string[] {
    const airing = this.airings.get(id);
    if (!airing) return ["television"];
    const { subject, audience } = this.filter;
    const dim = (subject && airing.subject !== subject) || (audience && airing.audience !== audience);
    return ["slot", airing.rank, ...(airing.state === "plays" ? [] : [airing.state]), ...(dim ? ["dim"] : [])];
  }

  private name(id: string, element: HTMLElement): void {
    const airing = this.airings.get(id);
    if (!airing) return;
    element.dataset["airing"] = id;
    element.setAttribute("role", "button");
    element.tabIndex = -1;
  }

  private dropped(info: DropInfo): void {
    const airing = this.airings.get(info.event.id);
    const day = naive(info.event.start);
    if (!airing) return info.revert();
    const to = this.day ? day : `${dayOf(day)}${airing.start.slice(10)}`;
    const row = info.newResource ? (this.row(info.newResource.id) ?? null) : this.row(airing.layer);
    this.hands.moved(airing, to, row ?? null, () => info.revert());
  }

  private stretched(info: DropInfo): void {
    const airing = this.airings.get(info.event.id);
    if (airing) this.hands.stretched(airing, dayOf(naive(info.event.end)), () => info.revert());
    else info.revert();
  }

  /** The calendar's boxes are those of a table; ours is a grid: one tab stop, arrows inside. */
  private settle(): void {
    window.requestAnimationFrame(() => {
      this.holder.querySelector(".ec")?.setAttribute("role", "none");
      const grid = this.holder.querySelector(".ec-main");
      grid?.setAttribute("role", "grid");
      grid?.setAttribute("aria-label", this.holder.getAttribute("aria-label") ?? "");
      const corner = this.holder.querySelector(".ec-sidebar-title");
      if (corner) corner.textContent = this.words["layer"] ?? "";
      for (const one of this.holder.querySelectorAll(".ec-sidebar [role=rowheader]")) one.setAttribute("role", "none");
      const rows = [...this.holder.querySelectorAll<HTMLElement>(".ec-body .ec-days")];
      rows.forEach((row, number) => {
        const layer = this.data.week.rows[number];
        row.dataset["row"] = layer?.layer ?? TELEVISION;
        row.setAttribute("aria-label", layer ? `${layer.level} ${layer.name}` : (this.words["television"] ?? ""));
        [...row.querySelectorAll<HTMLElement>(".ec-day")].forEach((cell, place) => {
          const day = this.day || addDays(this.data.week.monday, place);
          cell.setAttribute("role", "gridcell");
          cell.dataset["day"] = day;
          cell.tabIndex = -1;
          const empty = !cell.querySelector(".ec-event");
          if (empty) cell.setAttribute("aria-label", `${spoken(day, this.words, false)}, ${layer?.name ?? ""}, ${this.words["empty"] ?? ""}`);
          else cell.removeAttribute("aria-label");
        });
      });
      this.hands.drawn();
    });
  }
}
