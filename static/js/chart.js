// Draws the figures that [data-chart-src] names: JSON {data, layout} in plotly's terms, in which a
// colour may be a token of theme.css ("--accent"). Follows dark mode; a missing value is a gap.
// Years are numbers on a linear axis, so that a year without data keeps its place; text is a category.
// The drawing is for the eye: its title is in the caption and its numbers are in the table beneath,
// so a keyboard or a screen reader loses nothing, and the box is hidden from both.
// A box that has been drawn says so by data-chart-drawn.
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
  const axisOf = (base, own) => ({ ...merge(base, own), title: merge(base.title, own?.title) });

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
    layout.xaxis = axisOf({ ...axis, showgrid: false }, own.xaxis);
    if (years(traces)) layout.xaxis = merge({ dtick: 1, tickformat: "d" }, layout.xaxis);
    layout.yaxis = axisOf({ ...axis, rangemode: "tozero" }, own.yaxis);
    return paint(layout);
  }

  function draw(box) {
    const { data, layout = {} } = figures.get(box);
    const traces = data.map((trace) => merge({ connectgaps: false, cliponaxis: false }, trace));
    // A figure of many rows is as high as it needs to be.
    if (layout.height) box.style.height = `${layout.height}px`;
    return Plotly.react(box, paint(traces), layoutOf(layout, data, box.clientWidth < 600), {
      displayModeBar: false, responsive: true, displaylogo: false,
    });
  }

  const buttons = (box) => document.querySelectorAll(`[data-chart-of="${CSS.escape(box.id)}"]`);

  async function ask(box) {
    const answer = await fetch(box.dataset.chartSrc, { headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : {};
  }

  async function start(box, asked) {
    const figure = await asked;
    if (!figure.data?.length) return;
    figures.set(box, figure);
    box.hidden = false;
    await draw(box);
    box.dataset.chartDrawn = "";
    // On which plotly measures texts: an image without a name, for nobody.
    document.getElementById("js-plotly-tester")?.setAttribute("aria-hidden", "true");
    buttons(box).forEach((button) => { button.hidden = false; });
  }

  // The figure on its own: with its title, and the line that says what it was drawn from.
  async function picture(box, width, height) {
    const { data, layout = {} } = figures.get(box);
    const title = { text: box.dataset.chartName, font: { size: 18 },
      subtitle: { text: box.dataset.chartSource ?? "" } };
    return Plotly.toImage({
      data: paint(data),
      layout: { ...layoutOf(layout, data, false), paper_bgcolor: token("--ground"), title, height,
        margin: { l: 64, r: 120, t: 84, b: 56 } },
    }, { format: "svg", width, height });
  }

  function download(href, name) {
    Object.assign(document.createElement("a"), { href, download: name }).click();
  }

  // plotly itself would go by a blob: address, which the policy of this site refuses; data: it allows.
  async function raster(svg, width, height) {
    const image = new Image();
    image.src = svg;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    return canvas.toDataURL("image/png");
  }

  async function save(button) {
    const box = document.getElementById(button.dataset.chartOf);
    const width = 1200;
    const height = Math.max(675, (figures.get(box).layout?.height ?? 0) + 140);
    const svg = await picture(box, width, height);
    const kind = button.dataset.chartSave;
    download(kind === "svg" ? svg : await raster(svg, width, height), `${box.dataset.chartName}.${kind}`);
  }

  const asked = [...document.querySelectorAll("[data-chart-src]")].map((box) => [box, ask(box)]);
  document.addEventListener("DOMContentLoaded", () => {
    asked.forEach(([box, figure]) => start(box, figure));
    document.querySelectorAll("[data-chart-save]").forEach((button) => {
      button.addEventListener("click", () => save(button));
    });
    for (const query of ["(prefers-color-scheme: dark)", "print"]) {
      matchMedia(query).addEventListener("change", () => figures.forEach((_, box) => draw(box)));
    }
  });
})();
