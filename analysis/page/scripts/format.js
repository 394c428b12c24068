// Numbers for people. A unit is that of a column: "s", "bytes", "J", "1/s", "bytes/s", ... or "".

const PREFIXES = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"]];
const UNIT_SIGNS = { bytes: "B", "bytes/s": "B/s", "1/s": "/s" };
const WITHOUT_PREFIX = new Set(["1/s", "h", "", "%", "1"]);
const NO_BREAK = "\u00a0";

/// Returns a number with so many significant digits, and with all of those before its point.
function significant(value, digits = 3) {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-6) return value.toExponential(digits - 1);
  const rounded = size >= 10 ** digits ? Math.round(value) : Number(value.toPrecision(digits));
  const whole = Math.abs(rounded) >= 10000;
  return whole ? d3.format(",")(rounded).replace(/,/g, "\u202f") : String(rounded);
}

/// Returns { factor, sign } with which numbers up to `most` in the unit are best read.
function scaleFor(unit, most) {
  const sign = UNIT_SIGNS[unit] || unit;
  if (WITHOUT_PREFIX.has(unit) || !(most > 0)) return { factor: 1, sign };
  if (unit === "s" && most >= 1) {
    const [factor, name] = most < 600 ? [1, "s"] : most < 36000 ? [1 / 60, "min"] : [1 / 3600, "h"];
    return { factor, sign: name };
  }
  const [size, prefix] = PREFIXES.find(([s]) => most >= s * 0.9995) || PREFIXES[PREFIXES.length - 1];
  return { factor: 1 / size, sign: prefix + sign };
}

/// Returns "53.5 ms" of 0.0535 and "s".
function valueText(value, unit = "", digits = 3) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value !== "number") return String(value);
  if (unit === "" && Number.isInteger(value) && Math.abs(value) < 1e15) return significant(value, 15);
  const { factor, sign } = scaleFor(unit, Math.abs(value));
  const number = significant(value * factor, digits);
  return sign === "" ? number : number + NO_BREAK + sign;
}

/// Returns "81.52 ± 0.90 ms": a value and its half-width in the same unit.
function halfText(value, half, unit, digits = 4) {
  if (typeof half !== "number") return valueText(value, unit, digits);
  const { factor, sign } = scaleFor(unit, Math.abs(value));
  return `${significant(value * factor, digits)} ± ${significant(half * factor, 2)}${sign ? NO_BREAK + sign : ""}`;
}

function percentText(share, digits = 3) {
  return typeof share === "number" ? significant(share * 100, digits) + NO_BREAK + "%" : "–";
}

/// Returns "Latency mean" of "latency_mean_s".
function titleOf(column) {
  const words = column.replace(/_per_s$/, " rate").replace(/_(s|j|w|bytes|h)$/, "").split("_");
  const text = words.join(" ").replace(/\bp(\d\d)\b/, "$1 % quantile").replace(/\bp999\b/, "99.9 % quantile");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function withUnit(text, sign) {
  return sign ? `${text} (${sign})` : text;
}

function countText(count, noun) {
  return `${significant(count, 15)}${NO_BREAK}${noun}${count === 1 ? "" : "s"}`;
}
