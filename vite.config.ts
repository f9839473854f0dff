import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The icons that templates use, by the name they use there. */
const ICONS: Record<string, string> = {
  add: "plus",
  alert: "alert-triangle",
  approve: "circle-check",
  back: "chevron-left",
  box: "device-tv",
  calendar: "calendar-event",
  camera: "camera",
  cancel: "x",
  check: "check",
  clock: "clock",
  course: "books",
  folder: "folder",
  deliver: "cloud-download",
  export: "download",
  forward: "chevron-right",
  job: "settings-automation",
  full: "maximize",
  info: "info-circle",
  language: "language",
  lock: "lock",
  loud: "volume",
  microphone: "microphone",
  mute: "volume-3",
  next: "arrow-right",
  pause: "player-pause",
  people: "users",
  place: "map-pin",
  play: "player-play",
  power: "bolt",
  print: "printer",
  publish: "broadcast",
  remove: "trash",
  report: "report-analytics",
  retry: "refresh",
  search: "search",
  session: "device-tv-old",
  sign_out: "logout",
  station: "building-community",
  stick: "device-usb",
  tasks: "checklist",
  tell: "bell",
  timetable: "calendar-week",
  undo: "arrow-back-up",
  upload: "upload",
};

/** One sprite out of Tabler's outline icons; `<use href="sprite#name">` takes a symbol from it. */
function sprite(): Plugin {
  return {
    name: "icon-sprite",
    apply: "build",
    buildStart() {
      const symbols = Object.entries(ICONS).map(([name, file]) => {
        const svg = readFileSync(here(`node_modules/@tabler/icons/icons/outline/${file}.svg`), "utf8");
        const inside = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
        return `<symbol id="${name}" viewBox="0 0 24 24">${inside.replace(/\s+/g, " ").trim()}</symbol>`;
      });
      this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
      });
    },
  };
}

export default defineConfig({
  root: here("contentserver/frontend"),
  base: "/static/",
  publicDir: false,
  plugins: [sprite()],
  build: {
    outDir: here("contentserver/frontend/dist"),
    emptyOutDir: true,
    manifest: true,
    target: "chrome109",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: {
        main: here("contentserver/frontend/main.ts"),
        upload: here("contentserver/frontend/upload.ts"),
        bulk: here("contentserver/frontend/bulk.ts"),
        chart: here("contentserver/frontend/chart.ts"),
        player: here("contentserver/frontend/player.ts"),
        school: here("contentserver/frontend/school.ts"),
        timetable: here("contentserver/frontend/timetable.ts"),
        readiness: here("contentserver/frontend/readiness.ts"),
        support: here("contentserver/frontend/support.ts"),
        phone: here("contentserver/frontend/styles/phone.css"),
      },
    },
  },
});
