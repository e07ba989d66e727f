// Draws the figures that [data-chart-src] names: JSON {data, layout} in plotly's terms, in which a
// colour may be a token of theme.css ("--accent"). Follows dark mode; a missing value is a gap.
// Years are numbers on a linear axis, so that a year without data keeps its place; text is a category.
// The table beneath holds the same rows, so a reader or a keyboard loses nothing.
"use strict";

(() => {
  const figures = new Map();
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // Every "--token" in the figure becomes its colour of the moment.
  function paint(value) {
    if (typeof value === "string") return value.startsWith("--") ? token(value) : value;
    if (Array.isArray(value)) return value.map(paint);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, paint(inner)]));
    }
    return value;
  }

  const axis = {
    gridcolor: "--rule", linecolor: "--ink", zeroline: false, automargin: true, fixedrange: true,
    tickfont: { color: "--ink-2", size: 13 }, title: { font: { color: "--ink-2", size: 13 } },
  };
  const merge = (base, own) => ({ ...base, ...own });

  const years = (traces) => traces.every((trace) =>
    trace.orientation !== "h" && trace.x?.every((x) => Number.isInteger(x)));

  function layoutOf(own, traces, narrow) {
    const family = getComputedStyle(document.body).fontFamily;
    const layout = merge({
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
      margin: { l: 8, r: narrow ? 16 : 96, t: 16, b: 8 }, hovermode: "x unified", dragmode: false,
      hoverlabel: { bgcolor: "--ground", bordercolor: "--rule-2", font: { family, color: "--ink" } },
      separators: ".,", autotypenumbers: "strict",
    }, own);
    layout.font = merge({ family, size: 14, color: "--ink" }, own.font);
    layout.xaxis = merge({ ...axis, showgrid: false }, own.xaxis);
    if (years(traces)) layout.xaxis = merge({ dtick: 1, tickformat: "d" }, layout.xaxis);
    layout.yaxis = merge({ ...axis, rangemode: "tozero" }, own.yaxis);
    return paint(layout);
  }

  function draw(box) {
    const { data, layout = {} } = figures.get(box);
    const traces = data.map((trace) => merge({ connectgaps: false, cliponaxis: false }, trace));
    return Plotly.react(box, paint(traces), layoutOf(layout, data, box.clientWidth < 600), {
      displayModeBar: false, responsive: true, displaylogo: false,
    });
  }

  async function start(box) {
    const answer = await fetch(box.dataset.chartSrc, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const figure = await answer.json();
    if (!figure.data?.length) return;
    figures.set(box, figure);
    box.hidden = false;
    await draw(box);
    // The drawing is for the eye; its title is in the caption and its numbers are in the table.
    box.querySelectorAll("svg.main-svg").forEach((svg) => svg.setAttribute("aria-hidden", "true"));
    const button = document.querySelector(`[data-chart-png="${CSS.escape(box.id)}"]`);
    if (button) button.hidden = false;
  }

  // plotly itself would go by a blob: image, which the policy of this site refuses.
  async function save(svg, width, height, name) {
    const image = new Image();
    image.src = svg;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = name;
    link.click();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-chart-src]").forEach(start);
    document.querySelectorAll("[data-chart-png]").forEach((button) => {
      button.addEventListener("click", async () => {
        const box = document.getElementById(button.dataset.chartPng);
        const { data, layout = {} } = figures.get(box);
        const svg = await Plotly.toImage({
          data: paint(data),
          layout: { ...layoutOf(layout, data, false), paper_bgcolor: token("--ground"),
            title: { text: box.dataset.chartName, font: { size: 18 } }, margin: { l: 64, r: 120, t: 72, b: 56 } },
        }, { format: "svg", width: 1200, height: 675 });
        await save(svg, 1200, 675, `${box.dataset.chartName}.png`);
      });
    });
    for (const query of ["(prefers-color-scheme: dark)", "print"]) {
      matchMedia(query).addEventListener("change", () => figures.forEach((_, box) => draw(box)));
    }
  });
})();
