/** The lessons beside the week: found by words, subject and audience; carried into a cell by pointer, or pressed. */
import { fill, type Course, type Words } from "./week-data";
import type { Filter } from "./week-filter";

const SHOWN_AT_MOST = 40;
const CARRIED_FROM_PX = 6;

export interface Load {
  /** A lesson's id, or `course:` and a course's, as the form's choices have it. */
  choice: string;
  title: string;
  minutes: number;
  series: boolean;
}

export interface PaletteHands {
  aim(x: number, y: number): void;
  drop(load: Load, x: number, y: number): void;
  press(load: Load): void;
}

export class Palette {
  constructor(
    private readonly list: HTMLElement,
    private readonly courses: Course[],
    private readonly words: Words,
    private readonly hands: PaletteHands,
  ) {}

  draw(query: string, { subject, audience }: Filter): void {
    const wanted = query.trim().toLowerCase();
    const has = (text: string): boolean => text.toLowerCase().includes(wanted);
    const items: HTMLElement[] = [];
    let left = 0;
    for (const course of this.courses) {
      if ((subject && course.subject !== subject) || (audience && course.audience !== audience)) continue;
      const whole = !wanted || has(course.title);
      const lessons = whole ? course.lessons : course.lessons.filter((lesson) => has(lesson.title));
      const loads: Load[] = lessons.map((lesson) => ({ choice: lesson.id, title: lesson.title, minutes: lesson.minutes, series: false }));
      if (whole && course.lessons.length > 1) {
        loads.unshift({ choice: `course:${course.id}`, title: course.title, minutes: course.lessons[0]?.minutes ?? 0, series: true });
      }
      for (const load of loads) {
        if (items.length < SHOWN_AT_MOST) items.push(this.item(load, course));
        else left += 1;
      }
    }
    if (!items.length) items.push(this.note(this.words["noneFound"] ?? ""));
    if (left) items.push(this.note(fill(this.words["more"], { count: left })));
    this.list.replaceChildren(...items);
  }

  private note(text: string): HTMLElement {
    const made = document.createElement("li");
    made.className = "soft small";
    made.textContent = text;
    return made;
  }

  private item(load: Load, course: Course): HTMLElement {
    const item = document.createElement("li");
    item.className = load.series ? "series" : "lesson";
    const button = document.createElement("button");
    button.type = "button";
    button.dataset["load"] = load.choice;
    const name = document.createElement("span");
    name.textContent = load.title;
    const length = document.createElement("span");
    const said = load.series ? this.words["course"] : this.words["minutes"];
    length.textContent = fill(said, { count: load.series ? course.lessons.length : load.minutes });
    button.append(name, length);
    button.addEventListener("pointerdown", (event) => this.take(event, button, load));
    button.addEventListener("click", () => {
      if (button.dataset["carried"]) delete button.dataset["carried"];
      else this.hands.press(load);
    });
    item.append(button);
    return item;
  }

  private take(down: PointerEvent, button: HTMLElement, load: Load): void {
    if (down.button !== 0) return;
    button.setPointerCapture(down.pointerId);
    let ghost: HTMLElement | null = null;
    const move = (event: PointerEvent): void => {
      if (!ghost && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < CARRIED_FROM_PX) return;
      if (!ghost) {
        ghost = document.createElement("div");
        ghost.className = "carried";
        ghost.textContent = load.title;
        document.body.append(ghost);
      }
      ghost.style.transform = `translate(${event.clientX + 10}px, ${event.clientY + 10}px)`;
      this.hands.aim(event.clientX, event.clientY);
    };
    const end = (event: PointerEvent): void => {
      button.removeEventListener("pointermove", move);
      button.removeEventListener("pointerup", end);
      button.removeEventListener("pointercancel", end);
      document.removeEventListener("keydown", leave, true);
      this.hands.aim(-1, -1);
      if (!ghost) return;
      ghost.remove();
      button.dataset["carried"] = "1"; // the click that ends a carrying is none
      window.setTimeout(() => delete button.dataset["carried"]);
      if (event.type === "pointerup") this.hands.drop(load, event.clientX, event.clientY);
    };
    const leave = (event: KeyboardEvent): void => {
      if (event.key === "Escape") end(new PointerEvent("pointercancel"));
    };
    button.addEventListener("pointermove", move);
    button.addEventListener("pointerup", end);
    button.addEventListener("pointercancel", end);
    document.addEventListener("keydown", leave, true);
  }
}
