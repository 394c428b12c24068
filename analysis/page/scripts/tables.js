// Tables that a click on a heading sorts. A heading explains its column.

const FIRST_ROWS = 100;

/// Makes a table. `columns`: [{ title, doc, number, value(row), text(row), exact(row) }]; the first names the row.
function sortableTable(columns, rows, caption) {
  let sorted = rows;
  let order = { column: null, down: false };
  let limit = FIRST_ROWS;
  const body = el("tbody");
  const heads = columns.map((column, i) => {
    const sign = el("span", { class: "sign", "aria-hidden": "true" });
    const button = el("button", { type: "button", click: () => sort(i) }, column.title, sign);
    const head = el("th", { scope: "col", class: column.number ? "number" : null }, attachTip(button, column.doc));
    return { head, sign };
  });
  const more = el("button", { type: "button", click: () => { limit = Infinity; fill(); } });
  const box = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el("table", {}, el("thead", {}, el("tr", {}, heads.map((h) => h.head))), body));

  function fill() {
    body.replaceChildren(...sorted.slice(0, limit).map((row) => el("tr", {}, columns.map((column, i) => {
      const text = column.text(row);
      const exact = column.exact ? column.exact(row) : null;
      const title = exact !== null && exact !== undefined && String(exact) !== text ? String(exact) : null;
      return i === 0 ? el("th", { scope: "row", title: title || text }, text)
        : el("td", { class: column.number ? "number" : null, title, "data-column": column.title }, text);
    }))));
    more.textContent = `Show all ${significant(sorted.length, 15)} rows`;
    more.hidden = sorted.length <= limit;
  }

  function sort(i) {
    order = { column: i, down: order.column === i ? !order.down : columns[i].number };
    const value = columns[i].value;
    const rank = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
    sorted = rows.map((row, place) => ({ row, place, value: value(row) })).sort((a, b) => {
      const none = (v) => v === null || v === undefined || v === "";
      if (none(a.value) || none(b.value)) return none(a.value) - none(b.value) || a.place - b.place;
      return (order.down ? -1 : 1) * rank(a.value, b.value) || a.place - b.place;
    }).map((entry) => entry.row);
    heads.forEach(({ head, sign }, k) => {
      sign.textContent = k !== i ? "" : order.down ? "▾" : "▴";
      k === i ? head.setAttribute("aria-sort", order.down ? "descending" : "ascending") : head.removeAttribute("aria-sort");
    });
    fill();
  }

  fill();
  const hint = el("p", { class: "soft small hint", hidden: true }, "The table goes on to the right: scroll in it, or focus it and use the arrow keys.");
  new ResizeObserver(() => { hint.hidden = box.scrollWidth <= box.clientWidth + 1; }).observe(box);
  return el("div", {}, hint, box, more);
}

/// Returns the column of a file for sortableTable().
function columnOf(table, name) {
  const { unit, doc } = table.byName.get(name);
  return {
    title: name, doc: unit ? `${doc} Unit: ${unit}.` : doc, number: table.isNumber(name),
    value: (row) => row.get(name), exact: (row) => row.get(name),
    text: (row) => row.get(name) === null ? "" : valueText(row.get(name), unit, 4),
  };
}

/// Makes the part of a file: a table that is filled when it is opened, and what its columns mean.
function fileDetails(table) {
  const details = el("details", { "data-file": table.file }, el("summary", {}, el("strong", {}, table.file), ` · ${countText(table.total, "row")}`));
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    const left = table.total - table.rows.length;
    details.append(el("p", { class: "soft small" }, table.doc,
      left > 0 ? ` The first ${significant(table.rows.length, 15)} rows are shown; the file has all.` : ""));
    details.append(sortableTable(table.columns.map((column) => columnOf(table, column.name)), table.rows, table.file));
    const glossary = el("dl", { class: "glossary" }, table.columns.flatMap((column) =>
      [el("dt", {}, column.unit ? `${column.name} (${column.unit})` : column.name), el("dd", {}, column.doc)]));
    details.append(el("details", {}, el("summary", {}, "What the columns mean"), glossary,
      table.empty.length ? el("p", { class: "soft small" }, `Columns without values: ${table.empty.join(", ")}`) : null));
  });
  return details;
}
