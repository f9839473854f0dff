/** What is looked for by subject and audience: one filter for the list and the grid, and it stands in the address. */

export interface Filter {
  subject: string;
  audience: string;
}

export function chosenFilter(): Filter {
  const value = (id: string): string => document.querySelector<HTMLSelectElement>(id)?.value ?? "";
  return { subject: value("#subject"), audience: value("#audience") };
}

/** Write a filter into the address of the page, and into the ways to its other weeks and days. */
export function keepFilter(filter: Filter): void {
  const into = (address: URL): URL => {
    for (const [name, value] of Object.entries(filter) as [string, string][]) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    return address;
  };
  history.replaceState(null, "", into(new URL(location.href)));
  for (const link of document.querySelectorAll<HTMLAnchorElement>("#heading a[href^='/timetable?']")) {
    link.href = into(new URL(link.href)).href;
  }
}
