import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Past } from "./object";

/** A number of an object over the time for which this page is open. */
export function Plot({ title, history, pick, count, latest, onClose }: {
  title: string; history: readonly Past[]; pick(value: unknown): unknown; count: number; latest: number; onClose(): void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  useEffect(() => {
    const box = place.current!;
    const ink = () => getComputedStyle(box).color; // asked at each drawing: the theme may change
    const axis = { stroke: ink, grid: { stroke: "#8884" }, ticks: { stroke: "#8884" } };
    const made = new uPlot({
      width: box.clientWidth, height: 200, legend: { show: false }, scales: { x: { time: true } },
      axes: [axis, { ...axis, size: 64 }],
      series: [{}, { stroke: "#2a7de1", width: 2, points: { fill: "#2a7de1", size: 4 } }],
    }, [[], []], box);
    chart.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: 200 }));
    resized.observe(box);
    const themed = new MutationObserver(() => made.redraw());
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const redraw = () => made.redraw();
    dark.addEventListener("change", redraw);
    return () => (dark.removeEventListener("change", redraw), themed.disconnect(), resized.disconnect(), made.destroy());
  }, []);
  useEffect(() => {
    const points = history.map((one) => [one.at / 1000, pick(one.value)] as const).filter(([, y]) => typeof y === "number");
    chart.current?.setData([points.map(([x]) => x), points.map(([, y]) => y as number)]);
  }, [count, latest]);
  return (
    <figure class="plot">
      <figcaption>{title || "value"} <button type="button" onClick={onClose} aria-label={`Close the plot of ${title || "the value"}`}>×</button></figcaption>
      <div ref={place} role="img" aria-label={`${title || "value"} over time`} />
    </figure>
  );
}
