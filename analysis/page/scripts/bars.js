// Horizontal bars: stacked parts, with their sum beside the name, and ranges of figures with their intervals. Names stand
// above the bars, so that long ones fit on a phone, too.

const ROW = 46;

/// Draws stacked bars. `rows`: names. `parts`: [{ name, index, values by row }]. `unit` is that of the values.
function stackChart(host, { title, label, rows, parts, unit, percent = false }) {
  const sums = rows.map((_, i) => d3.sum(parts, (part) => part.values[i] || 0));
  const top = (d3.max(sums) || 1) * 1.02;
  const { factor, sign } = percent ? { factor: 100, sign: "%" } : scaleFor(unit, top);
  const text = (value) => percent ? percentText(value) : valueText(value, unit);
  const used = parts.filter((part) => part.values.some((value) => value > 0));
  const pieces = rows.map((_, i) => {
    let from = 0;
    return used.map((part) => {
      const value = part.values[i] || 0;
      from += value;
      return { part, value, from: from - value, to: from };
    });
  });
  const box = (i) => el("div", {}, el("strong", {}, rows[i]), used.map((part, j) => pieces[i][j].value > 0
    ? tipRow(part.index, part.name, text(pieces[i][j].value), fillOf(part.index)) : null), tipRow(null, "sum", text(sums[i])));
  const chart = makeChart(host, {
    title,
    height: rows.length * ROW,
    x: { label: withUnit(label, sign), domain: [0, top], factor },
    y: { domain: [0, rows.length], factor: 1 },
    about: () => `${title}. ` + rows.map((name, i) => `${name}: ${text(sums[i])}`).join("; "),
    stops: () => rows.map((_, i) => sums[i]),
    draw(layer, x) {
      rows.forEach((name, i) => {
        layer.append("text").attr("x", 0).attr("y", i * ROW + 10).text(`${name} · `)
          .append("tspan").style("fill", "var(--soft)").text(text(sums[i]));
        layer.append("g").selectAll("rect").data(pieces[i].filter((piece) => piece.value > 0)).enter().append("rect")
          .attr("class", "bar").attr("x", (p) => x(p.from)).attr("width", (p) => Math.max(0.5, x(p.to) - x(p.from)))
          .attr("y", i * ROW + 17).attr("height", 20).style("fill", (p) => fillOf(p.part.index))
          .attr("data-part", (p) => p.part.name).attr("data-row", name);
      });
    },
    hover(value, row) {
      const i = row === undefined ? sums.indexOf(value) : Math.floor(row);
      return rows[i] === undefined ? null : { at: row === undefined ? value : value, contents: box(i), rule: false };
    },
  });
  if (used.length > 1) chart.figure.append(legend(used));
  return chart;
}

/// Draws figures of each row as marks on one axis. `rows`: [{ name, marks: [{ figure, index, value, low, high }] }].
function rangeChart(host, { title, label, rows, unit, log }) {
  const values = rows.flatMap((row) => row.marks.flatMap((m) => [m.value, m.low, m.high])).filter((v) => typeof v === "number");
  const spread = [d3.min(values), d3.max(values)];
  const domain = log ? [spread[0] / 1.1, spread[1] * 1.1] : [0, spread[1] * 1.04];
  const { factor, sign } = scaleFor(unit, spread[1]);
  const figures = [];
  rows.forEach((row) => row.marks.forEach((m) => figures.some((f) => f.name === m.figure) || figures.push({ name: m.figure, index: m.index, marker: true })));
  const interval = (m) => typeof m.low === "number" ? ` (${valueText(m.low, unit)} to ${valueText(m.high, unit)})` : "";
  const chart = makeChart(host, {
    title,
    height: rows.length * ROW,
    x: { label: withUnit(label, sign), domain, factor, log },
    y: { domain: [0, rows.length], factor: 1 },
    about: () => `${title}. ` + rows.map((row) => `${row.name}: ` + row.marks.map((m) => `${m.figure} ${valueText(m.value, unit)}`).join(", ")).join("; "),
    stops: () => rows.map((row) => row.marks[0].value),
    draw(layer, x) {
      rows.forEach((row, i) => {
        const middle = i * ROW + 28;
        layer.append("text").attr("x", 0).attr("y", i * ROW + 10).text(row.name);
        layer.append("line").attr("x1", x(row.marks[0].value)).attr("x2", x(row.marks[row.marks.length - 1].value))
          .attr("y1", middle).attr("y2", middle).style("stroke", "var(--line)").attr("stroke-width", 2);
        row.marks.forEach((m) => {
          if (typeof m.low === "number") {
            layer.append("path").attr("d", `M${x(m.low)},${middle - 6}v12m0,-6H${x(m.high)}m0,-6v12`).attr("fill", "none")
              .attr("class", "whisker").style("stroke", lineColour(m.index));
          }
          layer.append("path").datum(m).attr("class", "mark").attr("data-row", row.name).attr("data-figure", m.figure)
            .attr("d", markerOf(m.index, 56)).attr("transform", `translate(${x(m.value)},${middle})`).style("fill", lineColour(m.index))
            .style("stroke", "var(--paper)");
        });
      });
    },
    hover(value, place) {
      const i = place === undefined ? rows.findIndex((row) => row.marks[0].value === value) : Math.floor(place);
      if (!rows[i]) return null;
      return { at: value, rule: false, contents: el("div", {}, el("strong", {}, rows[i].name),
        rows[i].marks.map((m) => tipRow(m.index, m.figure, valueText(m.value, unit) + interval(m)))) };
    },
  });
  chart.figure.append(legend(figures));
  return chart;
}
