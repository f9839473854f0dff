/** Bars of a report, drawn from the data table beside them: the numbers live in the page, not here. */
import { BarChart } from "echarts/charts";
import { AriaComponent, GridComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, GridComponent, AriaComponent, SVGRenderer]);

interface Day {
  label: string;
  present: number;
  expected: number;
}

function days(table: HTMLTableElement): Day[] {
  return [...table.querySelectorAll<HTMLTableRowElement>("tbody tr[data-label]")].map((row) => ({
    label: row.dataset["label"] ?? "",
    present: Number(row.dataset["present"]),
    expected: Number(row.dataset["expected"]),
  }));
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function draw(chart: ECharts, rows: Day[], holder: HTMLElement): void {
  const text = { color: colour("straw"), fontSize: 12, fontFamily: "inherit" };
  chart.setOption({
    animation: false,
    aria: { enabled: true, label: { description: holder.dataset["description"] ?? "" } },
    grid: { left: 8, right: 8, top: 28, bottom: 4, containLabel: true },
    xAxis: {
      type: "category",
      data: rows.map((row) => row.label),
      axisLabel: text,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("edge") } },
    },
    yAxis: {
      type: "value",
      min: 0,
      minInterval: 1,
      axisLabel: text,
      splitLine: { lineStyle: { color: colour("line") } },
    },
    series: [
      {
        name: holder.dataset["expectedName"],
        type: "bar",
        barGap: "-100%",
        barMaxWidth: 36,
        silent: true,
        itemStyle: { color: "transparent", borderColor: colour("edge"), borderType: "dashed", borderRadius: [4, 4, 0, 0] },
        data: rows.map((row) => row.expected),
      },
      {
        name: holder.dataset["presentName"],
        type: "bar",
        barMaxWidth: 36,
        silent: true,
        itemStyle: { color: colour("water"), borderRadius: [4, 4, 0, 0] },
        label: { show: rows.length <= 16, position: "top", color: colour("paper"), fontSize: 12, fontFamily: "inherit" },
        data: rows.map((row) => row.present),
      },
    ],
  });
}

for (const holder of document.querySelectorAll<HTMLElement>("[data-chart]")) {
  const table = document.getElementById(holder.dataset["chart"] ?? "");
  if (!(table instanceof HTMLTableElement)) continue;
  const rows = days(table);
  if (!rows.length) continue;
  const chart = init(holder, null, { renderer: "svg" });
  draw(chart, rows, holder);
  new ResizeObserver(() => chart.resize()).observe(holder);
  window.matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => draw(chart, rows, holder));
}
