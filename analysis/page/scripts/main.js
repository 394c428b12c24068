// Puts the page together. Charts are drawn when their places are in the page, since they need their widths.

const later = [];

function addLater(parent, draw) {
  const host = el("div");
  parent.append(host);
  later.push(() => draw(host));
}

/// A button that goes from the system's colours to light and dark ones.
function themeButton() {
  const root = document.documentElement;
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const button = el("button", { type: "button", class: "theme", click: () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  } });
  const name = () => { button.textContent = isDark() ? "Light colours" : "Dark colours"; };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
  return button;
}

function main() {
  const head = document.getElementById("head"), body = document.getElementById("main");
  document.title = DATA.title;
  head.append(el("div", { class: "top" }, el("h1", {}, DATA.title), themeButton()),
    el("dl", { class: "facts" }, DATA.facts.map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, text)))));
  const parts = (DATA.kind === "sweep" ? sweepSections() : runSections()).filter((part) => part);
  parts.push(section("tables", "All tables", el("p", { class: "soft small" },
    "The CSV files of the results. A heading sorts; the mouse over a heading, or “What the columns mean”, explains a column. Digits that a cell leaves out are in its hover text."),
  [...TABLES.values()].map(fileDetails)));
  if (DATA.scenario) parts.push(section("scenario", DATA.kind === "sweep" ? "The base scenario" : "The resolved scenario",
    el("details", {}, el("summary", {}, DATA.kind === "sweep" ? "The scenario that the sweep changes" : "The scenario as it ran, every default filled in"), el("pre", { tabindex: 0 }, DATA.scenario))));
  body.replaceChildren(el("nav", { "aria-label": "Parts of this page" }, el("ul", {}, parts.map((part) =>
    el("li", {}, el("a", { href: `#${part.id}` }, part.querySelector("h2").textContent))))), ...parts);
  later.forEach((draw) => draw());
}
