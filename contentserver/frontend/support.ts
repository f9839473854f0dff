/**
 * A help while it lasts: the television's newest picture, the remote by button and by keyboard, the minutes left.
 * Without this the page asks again by itself every few seconds, and every key is a form.
 */

const EVERY_MS = 1000;
const KEYS: Record<string, string> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Enter: "ok",
  Backspace: "back",
  m: "menu",
  r: "red",
  g: "green",
  y: "yellow",
  b: "blue",
};

interface Stands {
  phase: string;
  picture: string;
  left: number;
}

const help = (): HTMLElement | null => document.querySelector<HTMLElement>("[data-help]");
const offline = document.getElementById("offline");
let tag = "";
/** Keys go one after the other: what was typed arrives in its order. */
let pressed: Promise<void> = Promise.resolve();

/** How the help stands; null where nothing is new. */
async function ask(address: string): Promise<Stands | null> {
  const answer = await fetch(address, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
  if (answer.status === 304) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  tag = answer.headers.get("ETag") ?? "";
  return (await answer.json()) as Stands;
}

/** Another phase is another page: take its part over, without a reload. */
async function turn(): Promise<void> {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, cache: "no-store" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-help]");
  if (fresh) help()?.replaceWith(fresh);
}

function show(root: HTMLElement, stands: Stands): void {
  const minutes = root.querySelector<HTMLElement>("[data-left]");
  if (minutes) minutes.textContent = String(stands.left);
  const picture = root.querySelector<HTMLImageElement>("[data-picture]");
  if (!picture || !stands.picture) return;
  const address = `${picture.dataset["picture"] ?? ""}?v=${stands.picture}`;
  if (picture.src.endsWith(address)) return;
  const next = new Image();
  next.addEventListener("load", () => {
    picture.src = address;
    root.querySelector("[data-coming]")?.setAttribute("hidden", "");
  });
  next.src = address;
}

async function look(): Promise<void> {
  const root = help();
  const phase = root?.dataset["help"] ?? "";
  if (!root || (phase !== "asked" && phase !== "lasts")) return;
  try {
    const stands = await ask(root.dataset["now"] ?? "");
    offline?.setAttribute("hidden", "");
    if (stands && stands.phase !== phase) await turn();
    else if (stands) show(root, stands);
  } catch {
    offline?.removeAttribute("hidden");
  }
  window.setTimeout(() => void look(), EVERY_MS);
}

function press(remote: HTMLFormElement, key: string): void {
  pressed = pressed.then(() => send(remote, key));
}

async function send(remote: HTMLFormElement, key: string): Promise<void> {
  const trouble = remote.querySelector<HTMLElement>("[data-trouble]");
  const body = new FormData(remote);
  body.set("key", key);
  try {
    const answer = await fetch(remote.action, { method: "POST", body, headers: { Accept: "application/json" } });
    trouble?.toggleAttribute("hidden", answer.ok);
  } catch {
    trouble?.removeAttribute("hidden");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = (event as SubmitEvent).submitter;
  if (!(form instanceof HTMLFormElement) || form.dataset["remote"] === undefined) return;
  if (!(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  press(form, button.value);
});

/** The keyboard is the remote, but for whoever stands on a button or a link: there Enter means that. */
document.addEventListener("keydown", (event) => {
  const remote = document.querySelector<HTMLFormElement>("[data-remote]");
  if (!remote || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = /^[0-9]$/.test(event.key) ? event.key : KEYS[event.key];
  const onControl = event.target instanceof Element && event.target.closest("a, button, input, select, textarea");
  if (!key || (onControl && event.key === "Enter")) return;
  event.preventDefault();
  if (!event.repeat || event.key.startsWith("Arrow")) press(remote, key);
});

void look();
