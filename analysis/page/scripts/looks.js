// The looks of lines, markers and bars, in the order of analysis/plots/offcut_plots/figures.py.

const COLOUR_COUNT = 8;
const DASHES = ["", "8 3", "2 3", "10 3 2 3", "5 3", "14 4", "6 2 2 2 2 2", "2 6"];
const MARKERS = [d3.symbolCircle, d3.symbolSquare, d3.symbolTriangle, d3.symbolDiamond, d3.symbolStar, d3.symbolCross,
  d3.symbolWye, d3.symbolCircle];

function fillOf(index) {
  return `var(--c${index % COLOUR_COUNT})`;
}

/// A yellow line is too pale on white paper.
function lineColour(index) {
  return index % COLOUR_COUNT === 7 ? "var(--yellow-line)" : fillOf(index);
}

/// Colours and dashes together tell 64 lines apart.
function dashOf(index) {
  return DASHES[(index + 3 * Math.floor(index / COLOUR_COUNT)) % DASHES.length];
}

function markerOf(index, size = 40) {
  return d3.symbol().type(MARKERS[(index + 3 * Math.floor(index / COLOUR_COUNT)) % MARKERS.length]).size(size)();
}

/// Returns a small picture of a line, with its marker if it has one, of a marker, or of a fill.
function swatch({ index, line = false, marker = false, fill = fillOf(index) }) {
  const width = line ? 26 : 12;
  const svg = d3.create("svg").attr("width", width).attr("height", 12).attr("aria-hidden", "true");
  if (marker && !line) {
    svg.append("path").attr("d", markerOf(index, 56)).attr("transform", "translate(6,6)").style("fill", lineColour(index));
  } else if (line) {
    svg.append("line").attr("x1", 0).attr("x2", width).attr("y1", 6).attr("y2", 6).attr("stroke-width", 2.5)
      .style("stroke", lineColour(index)).attr("stroke-dasharray", dashOf(index));
    if (marker) svg.append("path").attr("d", markerOf(index)).attr("transform", "translate(13,6)").style("fill", lineColour(index));
  } else {
    svg.append("rect").attr("x", 0.5).attr("y", 0.5).attr("width", 11).attr("height", 11).attr("rx", 2)
      .style("fill", fill).style("stroke", "var(--soft)");
  }
  return svg.node();
}

/// Makes a legend. With `toggled`, an entry is a button, and a click calls it with the entry and its new state.
function legend(entries, toggled = null) {
  return el("ul", { class: "legend" }, entries.map((entry) => {
    if (!toggled) return el("li", {}, el("span", { class: "entry" }, swatch(entry), entry.name));
    const button = el("button", {
      type: "button", "aria-pressed": "true",
      click: () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        toggled(entry, on);
      },
    }, swatch(entry), entry.name);
    return el("li", {}, button);
  }));
}
