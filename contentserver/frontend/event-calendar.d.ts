/** What the grid uses of EventCalendar 4, which brings no types. Dates are wall-clock times in the browser's zone. */
declare module "@event-calendar/core" {
  export interface CalendarEvent {
    id: string;
    start: Date;
    end: Date;
    resourceIds: string[];
    display: string;
  }

  export interface DropInfo {
    event: CalendarEvent;
    oldEvent: CalendarEvent;
    newResource?: { id: string };
    revert(): void;
  }

  export interface Point {
    date: Date;
    allDay: boolean;
    resource?: { id: string };
    dayEl: HTMLElement;
  }

  export interface Calendar {
    setOption(name: string, value: unknown): Calendar;
    dateFromPoint(x: number, y: number): Point | null;
  }

  export const Interaction: object;
  export const ResourceTimeline: object;
  export function createCalendar(target: Element, plugins: object[], options: Record<string, unknown>): Calendar;
}
