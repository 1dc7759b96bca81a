"use strict";
// Draws the plots in the page's own colours, and again where those change: dark mode, and paper.
(() => {
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const colours = (light) => light
    ? { text: "#1c2024", line: "#d9d9e0" }
    : { text: "#e8e8ea", line: "#33363d" };
  const themed = (light) => {
    const c = colours(light);
    const layout = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", "font.color": c.text };
    for (const axis of ["xaxis", "yaxis", "yaxis2", "yaxis3"]) {
      layout[axis + ".gridcolor"] = c.line;
      layout[axis + ".zerolinecolor"] = c.line;
      layout[axis + ".linecolor"] = c.line;
    }
    return layout;
  };
  const paint = (light) => Promise.all(plots.map(({ id, figure }) => {
    const layout = themed(light);
    for (const name of Object.keys(layout)) {
      const axis = name.split(".")[0];
      if (axis.startsWith("yaxis") && axis !== "yaxis" && !(axis in figure.layout)) delete layout[name];
    }
    return Plotly.relayout(id, layout);
  }));
  Promise.all(plots.map(({ id, figure }) =>
    Plotly.newPlot(id, figure.data, figure.layout, { responsive: true, displaylogo: false })))
    .then(() => paint(!dark.matches))
    .then(() => { document.documentElement.dataset.drawn = String(plots.length); });
  dark.addEventListener("change", () => paint(!dark.matches));
  window.addEventListener("beforeprint", () => paint(true));
  window.addEventListener("afterprint", () => paint(!dark.matches));
})();
