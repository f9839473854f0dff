/** How ready the days of the week are, for the heads of the grid's columns: how many boxes in which light. */
import type { Week, Words } from "./week-data";
import { readFacts } from "./week-edits";

const LOOKS = { ready: "good", at_risk: "risk", will_not_play: "bad" } as const;

export type Lights = Map<string, HTMLElement>;

/** The marks of each day that has any; empty where nobody answers. */
export async function readLights(week: Week, words: Words): Promise<Lights> {
  const days = await readFacts(`/readiness/week.json?region=${week.region}&week=${week.monday}`);
  const names: Record<string, string> = {
    ready: words["ready"] ?? "",
    at_risk: words["atRisk"] ?? "",
    will_not_play: words["willNotPlay"] ?? "",
  };
  const found: Lights = new Map();
  for (const [day, counts] of Object.entries(days)) {
    if (!Object.keys(LOOKS).some((light) => counts[light])) continue;
    const marks = document.createElement("span");
    for (const [light, look] of Object.entries(LOOKS)) {
      const mark = document.createElement("span");
      mark.className = `state ${look}`;
      mark.textContent = String(counts[light] ?? 0);
      mark.title = names[light] ?? "";
      const said = document.createElement("span");
      said.className = "hidden-words";
      said.textContent = names[light] ?? "";
      mark.append(said);
      marks.append(mark);
    }
    found.set(day, marks);
  }
  return found;
}
