// Charts of lines: distributions, series over time, sweeps.

const MOST_LINES = 16;  // Nobody can read more.

/// Draws lines at the end of `host`. `options`:
///   title, height
///   lines(): [{ name, index, points: [{ x, y, low, high, hollow, none }] }], ascending in x; `none` marks a place without y
///   x, y: { title, unit, log, zero, percent, ticks, domain }: `zero` begins the axis at 0
///   step: a value holds until the next one; area: low and high are a band; markers: points have markers and whiskers
///   joined: whether points are joined by lines
function lineChart(host, options) {
  const hidden = new Set();
  const shown = () => options.lines().filter((line) => !hidden.has(line.name));
  const all = () => options.lines();

  function axis(side, key) {
    const values = all().flatMap((line) => line.points.flatMap((p) => key === "y" ? [p.y, p.low, p.high] : [p.x]))
      .filter((v) => typeof v === "number" && Number.isFinite(v));
    const log = side.log && values.every((v) => v > 0) && values.length > 0;
    let [least, most] = side.domain || [d3.min(values) || 0, d3.max(values) || 0];
    if (side.zero && !log) least = Math.min(0, least);
    if (least === most) [least, most] = log ? [least / 2, most * 2] : [least - (Math.abs(least) || 1) / 2, most + (Math.abs(most) || 1) / 2];
    if (!side.domain && key === "y") {
      const margin = (most - least) * 0.05;
      [least, most] = log ? [least / 1.1, most * 1.1] : [least === 0 ? 0 : least - margin, most + margin];
    }
    if (!side.domain && key === "x" && options.markers) {
      const margin = (log ? Math.log(most / least) : most - least) * 0.03;
      [least, most] = log ? [least * Math.exp(-margin), most * Math.exp(margin)] : [least - margin, most + margin];
    }
    const { factor, sign } = side.percent ? { factor: 100, sign: "%" }
      : side.fixed !== undefined ? { factor: 1, sign: side.fixed } : scaleFor(side.unit, Math.max(Math.abs(least), Math.abs(most)));
    return { label: withUnit(side.title, sign), domain: [least, most], factor, sign, log, ticks: side.ticks };
  }

  function drawMarkers(layer, line, x, y, top) {
    const points = line.points.filter((p) => p.y !== null && !p.none);
    layer.append("g").selectAll("line").data(points.filter((p) => p.low !== undefined && p.low !== null)).enter().append("path")
      .attr("class", "whisker").style("stroke", lineColour(line.index)).attr("fill", "none")
      .attr("d", (p) => `M${x(p.x) - 4},${y(p.low)}h8m-4,0V${y(p.high)}m-4,0h8`);
    layer.append("g").attr("class", "markers").selectAll("path").data(points).enter().append("path")
      .attr("d", markerOf(line.index)).attr("transform", (p) => `translate(${x(p.x)},${y(p.y)})`)
      .style("stroke", lineColour(line.index)).attr("stroke-width", 1.5)
      .style("fill", (p) => p.hollow ? "var(--paper)" : lineColour(line.index));
    layer.append("g").attr("class", "saturated").selectAll("path").data(line.points.filter((p) => p.none)).enter().append("path")
      .attr("d", (p) => `M${x(p.x) - 4},${top - 4}l8,8m0,-8l-8,8`).style("stroke", lineColour(line.index)).attr("stroke-width", 2);
  }

  function draw(layer, x, y) {
    const curve = options.step ? d3.curveStepAfter : d3.curveLinear;
    shown().forEach((line, row) => {
      const known = line.points.filter((p) => p.y !== null && !p.none);
      if (options.area && known.some((p) => p.high !== undefined)) {
        layer.append("path").datum(known).attr("class", "band").style("fill", lineColour(line.index))
          .attr("d", d3.area().x((p) => x(p.x)).y0((p) => y(p.low)).y1((p) => y(p.high)));
      }
      if (options.joined !== false) {
        layer.append("path").datum(known).attr("class", "curve").attr("data-line", line.name)
          .style("stroke", lineColour(line.index)).attr("stroke-dasharray", dashOf(line.index))
          .attr("d", d3.line().curve(curve).x((p) => x(p.x)).y((p) => y(p.y)));
      }
      if (options.markers || known.length === 1) drawMarkers(layer, line, x, y, -2 + 9 * row);
    });
  }

  function nearest(line, value, x) {
    const points = line.points;
    if (options.step) return points[Math.max(0, d3.bisector((p) => p.x).right(points, value) - 1)];
    return d3.scan(points, (a, b) => Math.abs(x(a.x) - x(value)) - Math.abs(x(b.x) - x(value))) === undefined ? null
      : points[d3.scan(points, (a, b) => Math.abs(x(a.x) - x(value)) - Math.abs(x(b.x) - x(value)))];
  }

  function pointText(point, y) {
    if (!point || point.none) return point ? "saturated" : "–";
    if (point.y === null) return "–";
    const number = y.sign === "%" ? halfText(point.y * 100, point.half && point.half * 100, "%") : halfText(point.y, point.half, options.y.unit);
    return number + (point.hollow ? ", some runs saturated" : "");
  }

  function xText(value, x) {
    const tick = options.x.ticks && options.x.ticks.find((t) => t.at === value);
    if (tick) return tick.text;
    return options.x.fixed !== undefined ? significant(value, 6) + (x.sign ? NO_BREAK + x.sign : "") : valueText(value, options.x.unit, 4);
  }

  const spec = {
    title: options.title,
    height: options.height || 280,
    get x() { return axis(options.x, "x"); },
    get y() { return axis(options.y, "y"); },
    about: () => `${options.title}. Lines over ${options.x.title}: ${all().map((line) => line.name).join(", ")}. `
      + "Arrow keys read values, plus and minus zoom.",
    draw,
    stops: () => d3.set(shown().flatMap((line) => line.points.map((p) => p.x))).values().map(Number).sort(d3.ascending),
    hover(value, row, x) {
      const lines = shown();
      const found = lines.map((line) => nearest(line, value, x));
      const first = found.find((p) => p);
      if (!first) return null;
      const at = options.step ? value : first.x;
      const same = options.step ? found : lines.map((line) => line.points.find((p) => p.x === at));
      const contents = el("div", {}, el("div", {}, `${options.x.title}: ${xText(at, spec.x)}`),
        lines.map((line, i) => same[i] ? tipRow(line.index, line.name, pointText(same[i], spec.y)) : null));
      return { at, contents };
    },
  };
  const chart = makeChart(host, spec);
  const key = el("div");
  chart.figure.append(key);
  function drawLegend() {
    const lines = all();
    key.replaceChildren(lines.length < 2 && lines[0] && lines[0].name === "" ? "" : legend(
      lines.map((line) => ({ name: line.name || "all", index: line.index, line: true, marker: options.markers })),
      (entry, on) => {
        on ? hidden.delete(entry.name) : hidden.add(entry.name);
        chart.redraw();
      }));
  }
  drawLegend();
  return { redraw() { hidden.clear(); chart.reset(); chart.redraw(); drawLegend(); }, figure: chart.figure };
}
