/** Beside the week: why a card went back to its place, and the ways out. */
import { addDays, clockOf, dayOf, fill, spoken, type Airing, type Words } from "./week-data";
import { paragraph } from "./week-dialogs";
import type { ClashAnswer, Edit, Verdict } from "./week-edits";

export class Refusal {
  private readonly place = document.getElementById("refused");

  constructor(private readonly words: Words) {}

  dismiss(): void {
    if (this.place) this.place.hidden = true;
  }

  /** Show a verdict; `again` makes the same edit at another time, `left` is told when nothing more is wanted. */
  show(verdict: Verdict, edit: Edit, airing: Airing, again: (edit: Edit) => void, left: () => void): void {
    if (!this.place) return;
    const head = document.createElement("h2");
    head.className = "state bad";
    head.textContent = this.words["refusedTitle"] ?? "";
    const box = document.createElement("div");
    box.className = "clash";
    box.append(...verdict.clashes.slice(0, 3).map((clash) => this.standing(clash)));
    box.append(paragraph(airing.title, "strong"), ...verdict.sentences.map((one) => paragraph(one)));
    const ways = document.createElement("div");
    ways.className = "ways";
    const wanted = (edit["moved_to"] ?? edit["start"]) as string | undefined;
    if (verdict.next_free && wanted) {
      const free = verdict.next_free;
      const when = dayOf(free) === dayOf(wanted) ? clockOf(free) : spoken(free, this.words);
      const at = (to: string): Edit => ("moved_to" in edit ? { ...edit, moved_to: to } : { ...edit, start: to });
      ways.append(this.button(fill(this.words["take"], { time: when }), "big primary", () => again(at(free))));
      ways.append(this.button(this.words["anotherDay"] ?? "", "big", () => again(at(addDays(wanted, 1)))));
    }
    const leave = (): void => {
      this.dismiss();
      left();
    };
    ways.append(this.button(this.words["leave"] ?? "", "bare", leave));
    box.append(ways);
    this.place.replaceChildren(head, box);
    this.place.hidden = false;
    ways.querySelector("button")?.focus();
  }

  private button(label: string, look: string, pressed: () => void): HTMLButtonElement {
    const made = document.createElement("button");
    made.type = "button";
    made.className = look;
    made.textContent = label;
    made.addEventListener("click", pressed);
    return made;
  }

  private standing(clash: ClashAnswer): HTMLElement {
    const card = document.createElement("div");
    card.className = "slot regular displaced";
    const when = document.createElement("span");
    when.className = "when";
    when.textContent = `${spoken(clash.start, this.words)}–${clockOf(clash.end)} ${clash.rank}`;
    const name = document.createElement("strong");
    name.className = "name";
    name.textContent = clash.title;
    card.append(when, name);
    return card;
  }
}
