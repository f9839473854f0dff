/** Questions, sheets and the word at the foot of the page. Native dialogs: they hold the focus, Esc leaves them. */
import type { Words } from "./week-data";

const TOAST_MS = 15_000;

export interface Choice {
  value: string;
  label: string;
  /** It changes nothing: the focus waits here, and Esc means this. */
  safe?: boolean;
  primary?: boolean;
}

function part<T extends HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`the page lacks ${selector}`);
  return found;
}

export function paragraph(text: string, kind = ""): HTMLElement {
  const made = document.createElement("p");
  made.textContent = text;
  made.className = kind;
  return made;
}

export function list(lines: string[]): HTMLElement {
  const made = document.createElement("ul");
  made.className = "changes";
  for (const line of lines) {
    const item = document.createElement("li");
    item.textContent = line;
    made.append(item);
  }
  return made;
}

export class Dialogs {
  private readonly question = part<HTMLDialogElement>(document, "#ask");
  private readonly sheet = part<HTMLDialogElement>(document, "#sheet");
  private readonly help = part<HTMLDialogElement>(document, "#help");
  private readonly toast = part(document, "#toast");
  private toastUntil = 0;
  private undo: (() => void) | null = null;

  constructor(words: Words) {
    part(this.toast, "button").addEventListener("click", () => {
      this.toast.hidden = true;
      this.undo?.();
    });
    window.setInterval(() => {
      const held = this.toast.matches(":hover, :focus-within");
      if (!this.toast.hidden && !held && Date.now() > this.toastUntil) this.toast.hidden = true;
    }, 500);
    this.sheet.addEventListener("click", (event) => {
      if (event.target === this.sheet) this.sheet.close();
    });
    this.sheet.setAttribute("aria-label", words["close"] ?? "");
    this.sheet.removeAttribute("aria-labelledby");
  }

  get open(): boolean {
    return this.question.open || this.sheet.open || this.help.open;
  }

  /** Ask; the answer is the pressed button's value, or the safe one's. */
  ask(title: string, body: Node[], choices: Choice[]): Promise<string> {
    part(this.question, "h2").textContent = title;
    part(this.question, "[data-body]").replaceChildren(...body);
    const safe = choices.find((one) => one.safe)?.value ?? "";
    return new Promise((resolve) => {
      const buttons = choices.map((choice) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = choice.label;
        button.className = choice.primary ? "primary big" : "big";
        button.dataset["choice"] = choice.value;
        button.autofocus = Boolean(choice.safe);
        button.addEventListener("click", () => this.question.close(choice.value));
        return button;
      });
      part(this.question, "[data-buttons]").replaceChildren(...buttons);
      this.question.returnValue = "";
      this.question.addEventListener("close", () => resolve(this.question.returnValue || safe), { once: true });
      this.question.showModal();
      buttons.find((button) => button.autofocus)?.focus();
    });
  }

  /** Show something of another page, with its forms, over this one. */
  show(content: Node, label: string): void {
    part(this.sheet, "[data-body]").replaceChildren(content);
    this.sheet.setAttribute("aria-label", label);
    if (!this.sheet.open) this.sheet.showModal();
    this.sheet.scrollTop = 0;
  }

  closeSheet(): void {
    if (this.sheet.open) this.sheet.close();
  }

  onSheetClosed(then: () => void): void {
    this.sheet.addEventListener("close", then);
  }

  showHelp(): void {
    this.help.showModal();
  }

  /** Say what happened, for at least ten seconds; with a way back where there is one. */
  say(sentence: string, undo: (() => void) | null = null): void {
    this.undo = undo;
    part(this.toast, "button").hidden = !undo;
    this.toast.hidden = false;
    part(this.toast, "[data-said]").textContent = sentence;
    this.toastUntil = Date.now() + TOAST_MS;
  }

  quiet(): void {
    this.toast.hidden = true;
  }
}
