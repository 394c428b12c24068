// The frame of all charts: axes, zoom along x, and a box with the values under the mouse or at a place that the arrow keys
// move. Charts are drawn anew when their width changes. Ctrl and the wheel zoom, so that the wheel alone scrolls the page.

let chartCount = 0;

/// Returns ticks of a logarithmic scale: round numbers within a decade, 1, 2 and 5 of each of a few decades, or powers of 10.
function logTicks(scale, count) {
  const [least, most] = scale.domain();
  const room = Math.abs(scale(most) - scale(least)) / count;
  if (most / least < 10) {
    const shown = [];
    for (const tick of d3.ticks(least, most, 2 * count)) {
      if (!shown.length || Math.abs(scale(tick) - scale(shown[shown.length - 1])) >= 0.7 * room) shown.push(tick);
    }
    return shown;
  }
  const leading = (tick) => Math.round(tick / 10 ** Math.floor(Math.log10(tick) + 1e-9));
  const few = scale.ticks(100).filter((tick) => [1, 2, 5].includes(leading(tick)));
  return few.length <= 1.5 * count ? few : few.filter((tick) => leading(tick) === 1);
}

/// Draws an axis with as many ticks as fit.
function drawAxis(group, axis, scale, spec, count) {
  axis.scale(scale).tickSizeOuter(0).ticks(count);
  if (spec.ticks) {
    axis.tickValues(spec.ticks.map((t) => t.at)).tickFormat((d, i) => spec.ticks[i].text);
  } else if (spec.log) {
    axis.tickValues(logTicks(scale, count)).tickFormat((t) => significant(t * spec.factor));
  } else {
    axis.tickFormat((t) => significant(t * spec.factor, 6));
  }
  group.call(axis).attr("font-size", null).attr("font-family", null);
}

function makeScale(spec) {
  return (spec.log ? d3.scaleLog() : d3.scaleLinear()).domain(spec.domain);
}

/// Draws a chart at the end of `host`. `spec` is asked anew with each drawing:
///   title, about: texts, the latter for readers that do not see the chart
///   height: of the area of the data
///   x, y: { label, domain, factor, log, ticks }; without `y.label`, y has no axis but rows of its own
///   draw(layer, x, y, size): draws the data
///   hover(value of x, row of y): returns { at, contents } for the box; null: none
///   stops: ascending places on x, to which the arrow keys go
/// Returns { redraw, figure }.
function makeChart(host, spec) {
  const clip = `clip-${chartCount++}`;
  let transform = d3.zoomIdentity;
  let place = -1;  // Of the arrow keys, an index of the stops.
  const svg = d3.create("svg").attr("tabindex", 0).attr("role", "img");
  const button = (text, name, wide, act) => el("button", { type: "button", "aria-label": `${name}: ${spec.title}`, title: name, class: wide ? "wide" : null, click: act }, text);
  const tools = el("div", { class: "tools" },
    button("+", "Zoom in", false, () => zoom.scaleBy(svg, 2)),
    button("−", "Zoom out", false, () => zoom.scaleBy(svg, 0.5)),
    button("1:1", "Show all", true, () => zoom.transform(svg, d3.zoomIdentity)));
  const figure = el("figure", { class: "chart" }, el("figcaption", {}, el("h3", {}, spec.title), tools), svg.node());
  host.append(figure);

  svg.append("defs").append("clipPath").attr("id", clip).append("rect").attr("y", -12);
  const frame = svg.append("g");
  const grid = frame.append("g").attr("class", "grid");
  const xAxis = frame.append("g").attr("class", "axis");
  const yAxis = frame.append("g").attr("class", "axis");
  const xLabel = frame.append("text").attr("class", "axis-label").attr("text-anchor", "middle");
  const yLabel = frame.append("text").attr("class", "axis-label");
  const layer = frame.append("g").attr("clip-path", `url(#${clip})`).append("g");
  const rule = frame.append("line").attr("class", "rule").attr("visibility", "hidden");

  let x, y, width, left;
  const zoom = d3.zoom().scaleExtent([1, 500])
    .filter(() => {
      const event = d3.event;
      return event.type === "wheel" ? event.ctrlKey || event.metaKey
        : event.type.startsWith("touch") ? event.touches.length > 1 : !event.button;
    })
    .on("zoom", () => {
      transform = d3.event.transform;
      hide();
      draw();
    });

  function draw() {
    const total = Math.max(240, figure.clientWidth || 600);
    left = spec.y.label ? 56 : 0;
    const top = spec.y.label ? 26 : 8;
    const height = typeof spec.height === "function" ? spec.height() : spec.height;
    width = total - left - 16;
    svg.attr("viewBox", `0 0 ${total} ${height + top + 44}`).attr("width", total).attr("height", height + top + 44)
      .attr("aria-label", spec.about());
    frame.attr("transform", `translate(${left},${top})`);
    zoom.extent([[0, 0], [width, height]]).translateExtent([[0, 0], [width, height]]);
    svg.select("clipPath rect").attr("width", width + 4).attr("x", -2).attr("height", height + 24);
    x = transform.rescaleX(makeScale(spec.x).range([0, width]));
    y = makeScale(spec.y).range(spec.y.label ? [height, 0] : [0, height]);
    drawAxis(xAxis.attr("transform", `translate(0,${height})`), d3.axisBottom(), x, spec.x, Math.max(2, Math.floor(width / 80)));
    grid.attr("transform", `translate(0,${height})`).call(d3.axisBottom(x).tickValues(xAxis.selectAll(".tick").data()).tickSize(-height).tickFormat(""));
    if (spec.y.label) drawAxis(yAxis, d3.axisLeft(), y, spec.y, Math.max(3, Math.floor(height / 45)));
    xLabel.attr("x", width / 2).attr("y", height + 38).text(spec.x.label);
    yLabel.attr("x", -left).attr("y", -14).text(spec.y.label || "");
    rule.attr("y1", 0).attr("y2", height);
    layer.selectAll("*").remove();
    spec.draw(layer, x, y, { width, height });
  }

  function hide() {
    hideTip();
    rule.attr("visibility", "hidden");
  }

  function show(value, row, clientY) {
    const found = spec.hover(value, row, x);
    if (!found) return hide();
    const at = x(found.at);
    if (at < -1 || at > width + 1) return hide();
    rule.attr("x1", at).attr("x2", at).attr("visibility", found.rule === false ? "hidden" : "visible");
    const box = svg.node().getBoundingClientRect();
    const shrink = box.width / svg.attr("width");
    showTip(box.left + (left + at) * shrink, clientY === undefined ? box.top + box.height / 3 : clientY, found.contents);
  }

  function point(event) {
    const [px, py] = d3.clientPoint(frame.node(), event);
    if (px < -4 || px > width + 4) return hide();
    show(x.invert(px), y.invert(py), event.clientY);
  }

  function step(by) {
    const stops = spec.stops().filter((stop) => x(stop) >= -0.5 && x(stop) <= width + 0.5);
    if (!stops.length) return;
    place = Math.max(0, Math.min(stops.length - 1, place + by * Math.max(1, Math.floor(stops.length / 100))));
    show(stops[place], undefined);
  }

  svg.call(zoom).style("touch-action", null)
    .on("mousemove", () => point(d3.event))
    .on("mouseleave", hide)
    .on("click", () => point(d3.event))
    .on("blur", hide)
    .on("keydown", () => {
      const keys = {
        ArrowRight: () => step(1), ArrowLeft: () => step(-1), "+": () => zoom.scaleBy(svg, 2), "-": () => zoom.scaleBy(svg, 0.5),
        0: () => zoom.transform(svg, d3.zoomIdentity), Escape: hide,
      };
      if (keys[d3.event.key] && !d3.event.ctrlKey && !d3.event.metaKey) {
        d3.event.preventDefault();
        keys[d3.event.key]();
      }
    });
  let last = 0;
  new ResizeObserver(() => {
    if (figure.clientWidth !== last) {
      last = figure.clientWidth;
      draw();
    }
  }).observe(figure);
  draw();
  return { redraw: draw, figure, reset: () => zoom.transform(svg, d3.zoomIdentity) };
}

/// A row of the box of a chart: a colour, a name and a value.
function tipRow(index, name, value, fill = lineColour(index)) {
  const colour = el("i");
  colour.style.background = fill;
  return el("div", { class: "row" }, index === null ? null : colour, el("span", {}, name), el("b", {}, value));
}
