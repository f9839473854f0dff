/**
 * The board's tree by keyboard: arrows up and down within a column, left and right between columns. Without it every
 * branch is a link and every box has its buttons; what is chosen stands in the address.
 */

const tree = (): HTMLElement | null => document.querySelector<HTMLElement>("[data-tree]");

/** The column to go to once the branch just opened is there. */
let goingTo: number | null = null;

function columns(root: HTMLElement): HTMLElement[][] {
  return [...root.querySelectorAll<HTMLElement>("[role=group]")].map((group) => [
    ...group.querySelectorAll<HTMLElement>("[role=treeitem]"),
  ]);
}

/** Where a column is entered: at what is chosen in it, else at its first. */
function entry(column: HTMLElement[] | undefined): HTMLElement | undefined {
  return column?.find((item) => item.getAttribute("aria-selected") === "true") ?? column?.[0];
}

/** One thing of the tree at a time is in the order of the Tab key. */
function rove(root: HTMLElement, to: HTMLElement | undefined): void {
  for (const item of columns(root).flat()) item.tabIndex = item === to ? 0 : -1;
}

function focus(root: HTMLElement, to: HTMLElement | undefined): void {
  if (!to) return;
  rove(root, to);
  to.focus();
}

function move(root: HTMLElement, item: HTMLElement, key: string): boolean {
  const found = columns(root);
  const column = found.findIndex((items) => items.includes(item));
  const items = found[column] ?? [];
  const place = items.indexOf(item);
  switch (key) {
    case "ArrowDown":
      focus(root, items[place + 1]);
      return true;
    case "ArrowUp":
      focus(root, items[place - 1]);
      return true;
    case "Home":
      focus(root, items[0]);
      return true;
    case "End":
      focus(root, items[items.length - 1]);
      return true;
    case "ArrowLeft":
      focus(root, entry(found[column - 1]));
      return true;
    case "ArrowRight":
      if (item.getAttribute("aria-selected") === "true") {
        focus(root, entry(found[column + 1]));
      } else if (item instanceof HTMLAnchorElement && column + 1 < found.length) {
        goingTo = column + 1;
        item.click();
      }
      return true;
    case "Enter":
      if (item instanceof HTMLAnchorElement) return false;
      (item.querySelector<HTMLElement>(".box-actions button, .box-actions a") ?? item.querySelector("a"))?.focus();
      return true;
    default:
      return false;
  }
}

document.addEventListener("keydown", (event) => {
  const root = tree();
  const item = event.target;
  if (!root || !(item instanceof HTMLElement) || item.getAttribute("role") !== "treeitem") return;
  if (event.altKey || event.ctrlKey || event.metaKey || !root.contains(item)) return;
  if (move(root, item, event.key)) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const root = tree();
  const item = event.target;
  if (root && item instanceof HTMLElement && item.getAttribute("role") === "treeitem" && root.contains(item)) {
    rove(root, item);
  }
});

function settle(): void {
  const root = tree();
  if (!root) return;
  const focused = root.contains(document.activeElement) ? document.activeElement?.closest<HTMLElement>("[role=treeitem]") : null;
  if (goingTo !== null) focus(root, entry(columns(root)[goingTo]));
  else rove(root, focused ?? entry(columns(root)[0]));
  goingTo = null;
}

document.body.addEventListener("htmx:afterSettle", settle);
settle();
