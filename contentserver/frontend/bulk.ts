/**
 * A whole course at once: files or a folder become rows, two go up at a time, and what has arrived becomes lessons when
 * somebody asks for it. Rows are kept in the browser, so a reload loses nothing: what is chosen again goes on.
 */
import { element, fill, headers, type Words } from "./upload-parts";
import { Row, type Memory, type Part } from "./bulk-row";

const AT_ONCE = 2;

interface Chosen {
  path: string;
  file: File;
}

interface Proposal {
  rows: { path: string; title: string; number: number | null; taken: boolean; captions: { path: string; language: string }[] }[];
  alone: string[];
  other: string[];
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 1);
}

/** Every file of what was dropped; folders are walked through. */
async function dropped(items: DataTransferItemList): Promise<Chosen[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found = await Promise.all(entries.map((entry) => filesOf(entry)));
  return found.flat();
}

async function filesOf(entry: FileSystemEntry): Promise<Chosen[]> {
  if (entry instanceof FileSystemFileEntry) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  if (!(entry instanceof FileSystemDirectoryEntry)) return [];
  const reader = entry.createReader();
  const inside: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.map((one) => filesOf(one)))).flat();
}

class Course {
  private readonly rows: Row[] = [];
  private readonly words: Words;
  private readonly list: HTMLElement;
  private readonly template: HTMLTemplateElement;
  private readonly notes: HTMLElement;
  private readonly end: HTMLElement;
  private readonly makeButton: HTMLButtonElement;
  private readonly key: string;
  private sending = 0;
  private making = false;

  constructor(private readonly root: HTMLElement) {
    this.words = root.dataset;
    this.key = `yuanjiao-course-${this.words["course"] ?? ""}`;
    this.list = element(root, "[data-rows]");
    this.template = element(root, "template");
    this.notes = element(root, "[data-notes]");
    this.end = element(root, "[data-end]");
    this.makeButton = element(root, "[data-make]");
    for (const memory of this.remembered()) this.add(memory, memory.files.map((file) => ({ ...file, file: null })));
    for (const pick of root.querySelectorAll<HTMLInputElement>("[data-pick]")) {
      pick.addEventListener("change", () => {
        const chosen = [...(pick.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
        pick.value = "";
        void this.take(chosen);
      });
    }
    this.wireDrop(element(root, "[data-drop]"));
    this.makeButton.addEventListener("click", () => void this.make());
    window.addEventListener("online", () => this.rows.forEach((row) => row.hurry()));
    window.addEventListener("beforeunload", (event) => {
      if (this.sending) event.preventDefault();
    });
    this.update();
  }

  private wireDrop(place: HTMLElement): void {
    for (const name of ["dragenter", "dragover"]) {
      place.addEventListener(name, (event) => {
        event.preventDefault();
        place.classList.add("over");
      });
    }
    place.addEventListener("dragleave", () => place.classList.remove("over"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("over");
      if (event.dataTransfer) void dropped(event.dataTransfer.items).then((chosen) => this.take(chosen));
    });
  }

  private add(memory: Memory, parts: Part[]): Row {
    const row = new Row(this.template, this.words, memory, parts, () => this.update(), (gone) => this.drop(gone));
    this.rows.push(row);
    this.list.append(row.root);
    return row;
  }

  private drop(row: Row): void {
    const place = this.rows.indexOf(row);
    this.rows.splice(place, 1);
    const next = this.rows[Math.min(place, this.rows.length - 1)];
    row.root.remove();
    (next ? element<HTMLElement>(next.root, "[data-remove]") : element<HTMLElement>(this.root, "[data-pick]")).focus();
    this.update();
  }

  /** What was chosen: known files go on, the names of the others are asked about. */
  private async take(chosen: Chosen[]): Promise<void> {
    const fresh = chosen.filter(({ path, file }) => !this.rows.some((row) => row.attach(path, file)));
    this.note([]);
    if (fresh.length) await this.propose(fresh, fresh.length < chosen.length);
    this.update();
  }

  private async propose(fresh: Chosen[], known: boolean): Promise<void> {
    const byPath = new Map(fresh.map(({ path, file }) => [path, file]));
    let found: Proposal;
    try {
      const answer = await fetch(this.words["names"] ?? "", {
        method: "POST",
        headers: { ...headers(), "Content-Type": "application/json" },
        body: JSON.stringify({ names: [...byPath.keys()] }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      found = (await answer.json()) as Proposal;
    } catch {
      return this.note([this.words["textNamesFailed"] ?? ""]);
    }
    const largest = Number(this.words["largest"]);
    for (const named of found.rows) {
      const beside = named.captions.map(({ path, language }) => this.part(byPath, path, language));
      const parts = [this.part(byPath, named.path, ""), ...beside].filter((part) => part !== null);
      if (!parts.length) continue;
      const row = this.add({ title: named.title, number: named.number?.toString() ?? "", files: [] }, parts);
      if (row.recording.size > largest) row.refuse(fill(this.words["textLarge"], { limit: gigabytes(largest) }));
    }
    const short = (paths: string[]): string => paths.map((path) => path.split("/").at(-1)).slice(0, 8).join("、") + (paths.length > 8 ? " …" : "");
    const taken = found.rows.filter((row) => row.taken).map((row) => String(row.number));
    this.note([
      ...(found.rows.length || known ? [] : [this.words["textNothing"] ?? ""]),
      ...(found.alone.length ? [fill(this.words["textAlone"], { names: short(found.alone) })] : []),
      ...(found.other.length ? [fill(this.words["textIgnored"], { names: short(found.other) })] : []),
      ...(taken.length ? [fill(this.words["textTaken"], { numbers: taken.join("、") })] : []),
      ...this.tooMuch(),
    ]);
  }

  private tooMuch(): string[] {
    const [more, left] = [this.rows.reduce((sum, row) => sum + row.bytes, 0), Number(this.words["left"])];
    return more > left ? [fill(this.words["textTooMuch"], { more: gigabytes(more), left: gigabytes(left) })] : [];
  }

  private part(files: Map<string, File>, path: string, language: string): Part | null {
    const file = files.get(path);
    return file ? { path, size: file.size, modified: file.lastModified, upload: "", sha256: "", language, file } : null;
  }

  private note(sentences: string[]): void {
    this.notes.replaceChildren(
      ...sentences.map((sentence) => {
        const line = document.createElement("p");
        line.textContent = sentence;
        return line;
      }),
    );
    this.notes.hidden = !sentences.length;
  }

  /** Remember, count, and let the next ones go. */
  private update(): void {
    if (!this.end) return;
    const made = this.rows.filter((row) => row.state === "made").length;
    const arrived = this.rows.filter((row) => row.state === "arrived").length;
    this.end.hidden = !this.rows.length;
    this.makeButton.disabled = !arrived || this.making;
    const summary = fill(this.words["textSummary"], { arrived: String(arrived + made), all: String(this.rows.length), made: String(made) });
    const line = element<HTMLElement>(this.end, "[data-summary]");
    if (line.textContent !== summary) line.textContent = summary;
    this.remember();
    for (const row of this.rows) {
      if (row.state !== "waiting" || this.sending >= AT_ONCE) continue;
      this.sending += 1;
      void row.send().finally(() => {
        this.sending -= 1;
        this.update();
      });
    }
  }

  private async make(): Promise<void> {
    this.making = true;
    const ready = this.rows.filter((row) => row.state === "arrived").sort((one, other) => one.number - other.number);
    for (const row of ready) await row.make();
    this.making = false;
    this.update();
  }

  private remember(): void {
    try {
      const kept = this.rows.filter((row) => row.state !== "made").map((row) => row.memory);
      if (kept.length) localStorage.setItem(this.key, JSON.stringify(kept));
      else localStorage.removeItem(this.key);
    } catch {
      return; // the browser keeps nothing: a reload then asks for all files again, and no byte is sent twice all the same
    }
  }

  private remembered(): Memory[] {
    try {
      const found: unknown = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return Array.isArray(found) ? (found as Memory[]).filter((one) => one.files?.length) : [];
    } catch {
      return [];
    }
  }
}

const place = document.querySelector<HTMLElement>("[data-bulk]");
if (place) new Course(place);
