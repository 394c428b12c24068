// The data of the page, and its tables by column.

const DATA = JSON.parse(document.getElementById("data").textContent);

/// A CSV file: columns by name, and rows as objects that map names to values.
class Table {
  constructor(json) {
    this.file = json.file;
    this.doc = json.doc;
    this.total = json.rows;
    this.empty = json.empty;
    this.columns = json.columns;
    this.byName = new Map(json.columns.map((column) => [column.name, column]));
    this.rows = d3.range(json.columns.length ? json.columns[0].values.length : 0)
      .map((i) => new Map(json.columns.map((column) => [column.name, column.values[i]])));
  }
  has(name) {
    return this.byName.has(name);
  }
  unit(name) {
    return this.has(name) ? this.byName.get(name).unit : "";
  }
  docOf(name) {
    return this.has(name) ? this.byName.get(name).doc : "";
  }
  /// Whether the column has numbers only.
  isNumber(name) {
    return this.has(name) && this.byName.get(name).values.every((v) => v === null || typeof v === "number");
  }
}

const TABLES = new Map(DATA.tables.map((json) => [json.file, new Table(json)]));

/// Returns the row's text in a column; "" without one. Names are texts, even those that are digits.
function textOf(row, name) {
  const value = row.get(name);
  return value === null || value === undefined ? "" : String(value);
}
