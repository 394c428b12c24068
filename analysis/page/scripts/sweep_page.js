// The page of a sweep: figures over its parameters, with intervals, and the differences of variants.

const OWN_COLUMNS = ["point", "variant", "algorithm", "runs", "failed", "declined", "saturated", "used", "reached"];

function halfOf(figure) {
  return `${figure}_half_width`;
}

/// Returns the name of a row's line: its variant, and its algorithm where that does not follow.
function seriesNames(table) {
  const algorithms = d3.nest().key((row) => textOf(row, "variant")).key((row) => textOf(row, "algorithm")).entries(table.rows);
  const variantTells = algorithms.every((variant) => variant.key !== "" && variant.values.length === 1);
  return (row) => variantTells ? textOf(row, "variant")
    : [...new Set([textOf(row, "variant"), textOf(row, "algorithm")])].filter((t) => t).join(": ") || "scenario";
}

/// Returns the axes with several values, numbers first.
function usefulAxes() {
  return DATA.axes.filter((axis) => axis.texts.length > 1)
    .map((axis) => {
      const order = axis.texts.map((text, i) => i);
      if (axis.values) order.sort((a, b) => axis.values[a] - axis.values[b]);
      return { ...axis, texts: order.map((i) => axis.texts[i]), at: order.map((i, k) => axis.values ? axis.values[i] : k) };
    })
    .sort((a, b) => !!b.values - !!a.values || b.texts.length - a.texts.length);
}

function sweepFigures(table) {
  const all = table.columns.map((column) => column.name).filter((name) => table.has(name) && !OWN_COLUMNS.includes(name)
    && !DATA.axes.some((axis) => axis.name === name) && !name.endsWith("_half_width"));
  const first = DATA.figures.filter((name) => all.includes(name));
  return [...first, ...all.filter((name) => !first.includes(name))];
}

function shortName(path) {
  return path.split(".").slice(-2).join(".");
}

function sweepChart(table, figures, axes) {
  const part = section("figures", "Figures over the parameters");
  const nameOf = seriesNames(table);
  const names = [...new Set(table.rows.map(nameOf))];
  let figure = figures[0], axis = axes[0];
  const fixed = new Map();  // By name of the other axes: the chosen value.
  let chart = null;
  const others = el("span", { class: "inner" });
  const host = el("div");
  const note = el("p", { class: "soft small" });

  function lines() {
    const rows = table.rows.filter((row) => axes.every((other) => other === axis || textOf(row, other.name) === fixed.get(other.name)));
    return names.slice(0, MOST_LINES).map((name, index) => ({
      name, index,
      points: rows.filter((row) => nameOf(row) === name).map((row) => {
        const y = row.get(figure), half = row.get(halfOf(figure));
        const known = typeof y === "number";
        return { x: axis.at[axis.texts.indexOf(textOf(row, axis.name))], y: known ? y : null, half,
          low: known && typeof half === "number" ? y - half : null, high: known && typeof half === "number" ? y + half : null,
          hollow: known && row.get("saturated") > 0, none: !known && row.get("saturated") > 0 };
      }).sort((a, b) => a.x - b.x),
    })).filter((line) => line.points.length);
  }

  function offerOthers() {
    others.replaceChildren(...axes.filter((other) => other !== axis).map((other) => {
      if (!fixed.has(other.name)) fixed.set(other.name, other.texts[0]);
      return chooser(shortName(other.name), other.texts, (i) => { fixed.set(other.name, other.texts[i]); redraw(); }, other.texts.indexOf(fixed.get(other.name)));
    }));
  }

  function redraw() {
    host.replaceChildren();
    const values = axis.values ? axis.at : [];
    const spread = values.length > 2 && d3.min(values) > 0 && d3.max(values) / d3.min(values) >= 10;
    const percent = /(^|_)accuracy$/.test(figure);
    chart = lineChart(host, { title: titleOf(figure), lines, markers: true, height: 340,
      x: { title: axis.name, fixed: axis.unit, log: spread, ticks: axis.values ? undefined : axis.texts.map((text, i) => ({ at: i, text: shortened(text, 16) })) },
      y: { title: titleOf(figure), unit: table.unit(figure), percent, log: logBox.checked, zero: !percent } });
    note.replaceChildren(el("strong", {}, figure), `: ${table.docOf(figure)} Bars are intervals of ${percentText(DATA.confidence)} over replications. `
      + "Saturated runs are not in the means: a hollow point has some, and a cross at the top has only such runs.");
  }

  const logBox = el("input", { type: "checkbox", change: redraw });
  /// Figures of very different sizes are best seen on a logarithmic axis.
  function chooseScale() {
    const values = table.byName.get(figure).values.filter((v) => typeof v === "number");
    logBox.checked = values.length > 0 && d3.min(values) > 0 && d3.max(values) > 20 * d3.min(values);
  }
  part.append(el("div", { class: "controls" },
    chooser("Figure", figures, (i) => { figure = figures[i]; chooseScale(); redraw(); }),
    chooser("Over", axes.map((a) => a.name), (i) => { axis = axes[i]; offerOthers(); redraw(); }),
    others, el("label", {}, logBox, "logarithmic")), host, note);
  offerOthers();
  chooseScale();
  later.push(redraw);
  return part;
}

function sweepSummary(table, figures) {
  const saturated = table.rows.filter((row) => row.get("saturated") > 0);
  const failed = d3.sum(table.rows, (row) => row.get("failed"));
  const declined = d3.sum(table.rows, (row) => row.get("declined"));
  const notes = [];
  if (saturated.length) notes.push(`${countText(saturated.length, "row")} of ${significant(table.total, 15)} have saturated runs, ${countText(d3.sum(saturated, (row) => row.get("saturated")), "run")} in all: they are not in the means`);
  if (failed) notes.push(`${countText(failed, "run")} failed: sweep.csv has the errors`);
  if (declined) notes.push(`in ${countText(declined, "run")} the algorithm had no plan`);
  const shown = figures.filter((name) => DATA.figures.includes(name)).slice(0, 4);
  const cell = (name) => (row) => typeof row.get(name) === "number" ? halfText(row.get(name), row.get(halfOf(name)), table.unit(name)) : "–";
  const columns = [columnOf(table, "point")];
  for (const axis of DATA.axes) if (table.has(axis.name)) columns.push({ ...columnOf(table, axis.name), title: shortName(axis.name), value: (row) => axis.values ? axis.values[axis.texts.indexOf(textOf(row, axis.name))] : textOf(row, axis.name) });
  for (const name of ["variant", "algorithm"]) if (table.has(name)) columns.push(columnOf(table, name));
  columns.push({ title: "runs", doc: table.docOf("used"), number: true, value: (row) => row.get("used"),
    text: (row) => row.get("used") === row.get("runs") ? String(row.get("runs")) : `${row.get("used")} of ${row.get("runs")}` });
  for (const name of shown) columns.push({ title: titleOf(name).toLowerCase(), doc: table.docOf(name), number: true, value: (row) => row.get(name), exact: (row) => row.get(name), text: cell(name) });
  return section("summary", "Summary",
    notes.length ? el("ul", { class: "notes" }, notes.map((text) => el("li", {}, text))) : el("p", {}, "All runs are stable, and are in the means."),
    el("div", { class: "narrow" }, sortableTable(columns, table.rows, "Points")));
}

function differenceSection() {
  const table = TABLES.get("differences.csv");
  if (!table || !table.rows.length) return null;
  const groups = d3.nest().key((row) => textOf(row, "figure")).key((row) => textOf(row, "variant")).entries(table.rows);
  const counts = groups.flatMap((figure) => figure.values.map((variant) => ({
    figure: figure.key, variant: variant.key, against: textOf(variant.values[0], "against"), points: variant.values.length,
    lower: variant.values.filter((row) => row.get("significant") === 1 && row.get("difference") < 0).length,
    higher: variant.values.filter((row) => row.get("significant") === 1 && row.get("difference") > 0).length,
  })));
  const text = (title, key, number) => ({ title, number, value: (row) => row[key], text: (row) => String(row[key]) });
  return section("differences", "Differences from the first variant",
    el("p", { class: "soft small" }, "At how many points a figure is lower or higher than that of the first variant, with an interval that leaves out zero. differences.csv below has each."),
    sortableTable([text("variant", "variant"), text("against", "against"), text("figure", "figure"), text("points", "points", true), text("lower", "lower", true), text("higher", "higher", true)], counts, "Differences"));
}

function sweepSections() {
  const table = TABLES.get("points.csv");
  const figures = sweepFigures(table), axes = usefulAxes();
  return [axes.length && figures.length ? sweepChart(table, figures, axes) : null, sweepSummary(table, figures), differenceSection()];
}
