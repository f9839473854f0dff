/**
 * Every page: styles, htmx, the clock, small manners of the shell. A page is whole without it; this only makes it quicker.
 */
import htmx from "htmx.org";
import "./styles/tokens.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/pages.css";
import "./styles/lesson.css";
import "./styles/review.css";
import "./styles/timetable.css";
import "./styles/planning.css";
import "./styles/readiness.css";
import "./styles/guide.css";
import "./styles/alerts.css";
import "./styles/groups.css";
import "./styles/notices.css";
import "./styles/documents.css";
import "./styles/support.css";
import "./styles/stars.css";
import "./styles/reports.css";
import "./styles/consultations.css";
import "./styles/people.css";
import "./styles/members.css";
import "./styles/processes.css";
import "./styles/messaging.css";
import "./styles/projects.css";
import "./styles/portal.css";
import "./styles/school.css";
import "./styles/forum.css";
import "./styles/ledger.css";
import "./styles/assessments.css";
import "./styles/market.css";
import "./styles/print.css";
import "./drafts";

htmx.config.allowEval = false;

/** The header's clock runs on from the server's time, whatever the browser's own clock says. */
function runClock(): void {
  const clock = document.querySelector<HTMLTimeElement>("time[data-clock]");
  if (!clock) return;
  const offset = Date.parse(clock.dateTime) - Date.now();
  const words = (clock.dataset["weekdays"] ?? "").split(",");
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: clock.dataset["clock"] ?? "UTC",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const show = (): void => {
    const shown = Object.fromEntries(parts.formatToParts(Date.now() + offset).map((part) => [part.type, part.value]));
    const day = new Date(`${shown["year"]}-${shown["month"]}-${shown["day"]}T00:00:00Z`).getUTCDay();
    clock.textContent = `${shown["year"]}-${shown["month"]}-${shown["day"]} ${words[(day + 6) % 7] ?? ""} ${shown["hour"]}:${shown["minute"]}`;
  };
  window.setInterval(show, 5000);
}

/** A select marked `data-submit` sends its form when it changes; without a script its form has a button. */
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLSelectElement && field.dataset["submit"] !== undefined) field.form?.requestSubmit();
});

document.addEventListener("click", (event) => {
  const pressed = event.target instanceof Element ? event.target.closest("[data-print]") : null;
  if (pressed) window.print();
});

/** Data tables beside charts are open without a script and folded with one. */
for (const table of document.querySelectorAll<HTMLDetailsElement>("details[data-fold]")) table.open = false;

/** After a refused form, the summary of what is wrong is where reading goes on. */
document.querySelector<HTMLElement>("[data-error-summary]")?.focus();

/** Say so when live updates stop coming, and when they come again. */
const offline = document.getElementById("offline");
document.body.addEventListener("htmx:sendError", () => offline?.removeAttribute("hidden"));
document.body.addEventListener("htmx:afterRequest", (event) => {
  if ((event as CustomEvent<{ successful: boolean }>).detail.successful) offline?.setAttribute("hidden", "");
});

runClock();
document.documentElement.classList.add("scripted");
