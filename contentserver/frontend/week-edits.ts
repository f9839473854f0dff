/** How the page speaks to the server: edits as JSON, forms as forms, the page itself read again. */

export interface ClashAnswer {
  wanted: string;
  title: string;
  rank: string;
  start: string;
  end: string;
}

export interface Verdict {
  code: string;
  sentences: string[];
  clashes: ClashAnswer[];
  elsewhere: ClashAnswer[];
  next_free: string | null;
  version: number;
  said: string;
  changes: string[];
  by: string;
}

export type Edit = { do: string } & Record<string, unknown>;

export interface Reply {
  status: number;
  verdict: Verdict;
}

export interface PageReply {
  status: number;
  page: Document;
}

export class Unreachable extends Error {}

function token(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
}

async function ask(address: string, options: RequestInit): Promise<Response> {
  try {
    const headers = { "Accept-Language": document.documentElement.lang, ...options.headers };
    const answer = await fetch(address, { ...options, headers });
    if (answer.status >= 500) throw new Unreachable(String(answer.status));
    return answer;
  } catch (error) {
    throw error instanceof Unreachable ? error : new Unreachable(String(error));
  }
}

/** Make an edit of a layer as it was seen at a version. */
export async function sendEdit(code: string, version: number, edit: Edit): Promise<Reply> {
  const answer = await ask(`/api/v1/timetable/${code}/edits`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
    body: JSON.stringify({ version, edit }),
  });
  const told = (await answer.json()) as Partial<Verdict> & { title?: string };
  const verdict = { code: "", sentences: told.title ? [told.title] : [], clashes: [], elsewhere: [], next_free: null };
  return { status: answer.status, verdict: { ...verdict, version, said: "", changes: [], by: "", ...told } };
}

async function pageOf(answer: Response): Promise<PageReply> {
  return { status: answer.status, page: new DOMParser().parseFromString(await answer.text(), "text/html") };
}

/** Send a form as the browser would, and read the page that follows. */
export async function sendForm(form: HTMLFormElement, pressed: HTMLElement | null): Promise<PageReply> {
  const fields = new FormData(form);
  if (pressed instanceof HTMLButtonElement && pressed.name) fields.append(pressed.name, pressed.value);
  return pageOf(await ask(form.action, { method: "POST", body: fields, headers: { Accept: "text/html" } }));
}

/** Take the newest edit of a layer back. */
export async function sendUndo(code: string, version: number): Promise<PageReply> {
  const fields = new FormData();
  fields.append("csrf_token", token());
  fields.append("region", code);
  fields.append("version", String(version));
  return pageOf(await ask(`/timetable/${code}/undo`, { method: "POST", body: fields, headers: { Accept: "text/html" } }));
}

export async function readAgain(address: string): Promise<PageReply> {
  return pageOf(await ask(address, { headers: { Accept: "text/html" } }));
}

export async function readPart(address: string): Promise<string> {
  const answer = await ask(address, { headers: { Accept: "text/html" } });
  return answer.ok ? answer.text() : "";
}

/** JSON that may not be there: an empty object then. */
export async function readFacts(address: string): Promise<Record<string, Record<string, number>>> {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    return answer.ok ? ((await answer.json()) as Record<string, Record<string, number>>) : {};
  } catch {
    return {};
  }
}
