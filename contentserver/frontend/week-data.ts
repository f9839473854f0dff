/** The week as the page carries it (`grid.Week`), and arithmetic on naive wall-clock times such as `2026-11-25T19:30:00`. */

export interface Row {
  layer: string;
  code: string;
  name: string;
  level: string;
  mine: boolean;
  version: number;
  changed: boolean;
}

export interface Airing {
  id: string;
  layer: string;
  slot: string;
  planned: string;
  start: string;
  end: string;
  title: string;
  subject: string;
  audience: string;
  rank: string;
  rank_name: string;
  repeats: string;
  once: boolean;
  state: string;
  makes_up: string;
  is_repeat: boolean;
  mine: boolean;
}

export interface TelevisionEntry {
  start: string;
  end: string;
  title: string;
  plays: boolean;
}

export interface Week {
  region: string;
  name: string;
  monday: string;
  now: string;
  version: number;
  rows: Row[];
  events: Airing[];
  television: TelevisionEntry[][];
}

export interface Lesson {
  id: string;
  title: string;
  minutes: number;
}

export interface Course {
  id: string;
  title: string;
  subject: string;
  audience: string;
  lessons: Lesson[];
}

export interface PageData {
  week: Week;
  palette: Course[];
  today: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const EVENING = "19:30:00";
const LATEST_END = "23:00:00";

export type Words = Record<string, string> & { weekdays: string };

function json(root: ParentNode, id: string): unknown {
  const text = root.querySelector(`#${id}`)?.textContent;
  if (!text) throw new Error(`the page lacks #${id}`);
  return JSON.parse(text);
}

export function readPage(root: ParentNode): PageData {
  return json(root, "week-data") as PageData;
}

export function readWords(root: ParentNode): Words {
  return json(root, "week-words") as Words;
}

/** `{name}` in a sentence becomes its value. */
export function fill(sentence: string | undefined, values: Record<string, string | number>): string {
  return (sentence ?? "").replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** A key that is one card's: an airing may stand in two layers. */
export function keyOf(airing: { layer: string; id: string }): string {
  return `${airing.layer}|${airing.id}`;
}

const two = (number: number): string => String(number).padStart(2, "0");

/** What a date of the browser's zone shows, as the server writes it. */
export function naive(date: Date): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const instant = (moment: string): number => Date.parse(`${moment.length === 10 ? `${moment}T00:00:00` : moment}Z`);

const written = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 19);

export const dayOf = (moment: string): string => moment.slice(0, 10);

export const clockOf = (moment: string): string => (moment.slice(17, 19) === "00" ? moment.slice(11, 16) : moment.slice(11, 19));

export const addDays = (moment: string, days: number): string =>
  written(instant(moment) + days * DAY_MS).slice(0, moment.length);

export const addMinutes = (moment: string, minutes: number): string => written(instant(moment) + minutes * MINUTE_MS);

export const daysBetween = (first: string, last: string): number =>
  Math.round((instant(dayOf(last)) - instant(dayOf(first))) / DAY_MS);

export const weekDays = (monday: string): string[] => [0, 1, 2, 3, 4, 5, 6].map((number) => addDays(monday, number));

/** `2026-11-25 周三 19:30`. */
export function spoken(moment: string, words: Words, withClock = true): string {
  const weekday = words.weekdays.split(",")[(new Date(instant(dayOf(moment))).getUTCDay() + 6) % 7] ?? "";
  return `${dayOf(moment)} ${weekday}${withClock ? ` ${clockOf(moment)}` : ""}`;
}

/** Half past seven of a day, or the next start after it at which neither the village nor the layer shows anything. */
export function freeStart(week: Week, row: Row, day: string, minutes: number): string {
  const entries = week.television[daysBetween(week.monday, day)] ?? [];
  const busy = [
    ...entries.filter((one) => one.plays),
    ...week.events.filter((one) => one.layer === row.layer && one.state !== "cancelled" && dayOf(one.start) === day),
  ].sort((one, other) => one.start.localeCompare(other.start));
  let start = `${day}T${EVENING}`;
  if (start <= week.now) start = addMinutes(`${week.now.slice(0, 14)}00:00`, (Math.floor(Number(week.now.slice(14, 16)) / 15) + 1) * 15);
  const first = start;
  for (const one of busy) if (one.start < addMinutes(start, minutes) && one.end > start) start = one.end;
  return addMinutes(start, minutes) <= `${day}T${LATEST_END}` ? start : first;
}
