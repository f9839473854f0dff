/** Forms marked `data-draft` are kept on the server while they are filled in; without a script a button does the same. */
const PAUSE_MS = 800;

function keep(form: HTMLFormElement): void {
  const state = form.querySelector<HTMLElement>("[data-draft-state]");
  let timer = 0;
  let sending = false;
  let again = false;
  const send = async (): Promise<void> => {
    if (sending) {
      again = true;
      return;
    }
    sending = true;
    const body = new FormData(form);
    for (const field of form.querySelectorAll<HTMLInputElement>("input[type=file]")) body.delete(field.name);
    body.set("do", "auto");
    try {
      const answer = await fetch(window.location.pathname, { method: "POST", body });
      if (answer.status === 204 && state) state.textContent = form.dataset["kept"] ?? "";
      form.toggleAttribute("data-draft-kept", answer.status === 204);
    } catch {
      again = false; // no line: the next word tries again, and the form still stands there
    }
    sending = false;
    if (again) {
      again = false;
      void send();
    }
  };
  form.addEventListener("input", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.type === "file") return;
    form.removeAttribute("data-draft-kept");
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void send(), PAUSE_MS);
  });
  form.addEventListener("submit", () => window.clearTimeout(timer));
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) keep(form);
