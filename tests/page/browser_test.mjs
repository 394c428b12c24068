// Looks at pages in headless Chromium: page_test.py has made them, and says in expected.json what the CSV files have.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { WORK, PLAYWRIGHT } = process.env;
const { chromium } = createRequire(`${PLAYWRIGHT}/`)("playwright-core");
const expected = JSON.parse(readFileSync(`${WORK}/expected.json`, "utf-8"));
const number = (text) => (text === "" ? null : Number(text));
const near = (a, b) => assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
const PATIENCE_MS = 120_000; // A machine that runs other tests, too, may take long to open a page.
let browser;

before(async () => {
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"], timeout: PATIENCE_MS });
});
after(() => browser.close());

/// Opens a page, calls `look` with it, and checks that it has neither reported an error nor asked for anything.
async function open(name, options, look) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints = [];
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.stack}`));
  page.on("request", (request) => request.url().startsWith("file:") && request.isNavigationRequest() || complaints.push(`request: ${request.url()}`));
  await page.goto(`file://${WORK}/${name}/report.html`);
  await page.locator("#tables").waitFor();
  try {
    await look(page);
  } finally {
    await page.close();
  }
  assert.deepEqual(complaints, []);
}

const figure = (page, title) => page.locator("figure.chart", { has: page.getByRole("heading", { name: title, exact: true }) });
const choice = (page, name) => page.getByRole("combobox", { name, exact: true });
const dataOf = (locator) => locator.evaluateAll((elements) => elements.map((element) => element.__data__));
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

test("a run: headline figures, and a row for each plan", () => open("run", {}, async (page) => {
  const [chosen] = expected.summary;
  assert.match(await page.locator(".card", { hasText: "mean latency" }).textContent(), new RegExp(`${Number((chosen.latency_mean_s * 1000).toPrecision(3))}.ms`));
  const plans = page.locator("#summary tbody tr");
  assert.deepEqual(await plans.locator("th").allTextContents(), expected.summary.map((row) => row.algorithm));
  assert.deepEqual(await plans.locator("td[data-column=verdict]").allTextContents(), expected.summary.map((row) => row.verdict));
  await page.getByRole("button", { name: "p99" }).click();
  const sorted = expected.summary.slice().sort((a, b) => b.latency_p99_s - a.latency_p99_s);
  assert.deepEqual(await plans.locator("th").allTextContents(), sorted.map((row) => row.algorithm));
}));

test("a run: what the predictions rest on is said as the run prints it", () => open("run", {}, async (page) => {
  const [{ tier_basis, link_basis }] = expected.summary;
  assert.ok(tier_basis && link_basis);
  assert.equal(await page.locator("#basis").textContent(), `Basis of predictions: ${tier_basis}; ${link_basis}`);
}));

test("a run: the distribution of latency has its answers", () => open("run", {}, async (page) => {
  const lines = figure(page, "Distribution of latency").locator("path.curve");
  assert.equal(await lines.count(), Object.keys(expected.latencies).length);
  for (const [i, [plan, latencies]] of Object.entries(expected.latencies).entries()) {
    assert.equal(await lines.nth(i).getAttribute("data-line"), plan);
    const [points] = await dataOf(lines.nth(i));
    assert.ok(points.length > 500 && points.length <= 801);
    for (const { x, y } of points) assert.equal(latencies[Math.round(y * latencies.length) - 1], x);
    near(points.at(-1).y, 1);
  }
}));

test("a run: parts, intervals, energy and series are those of the files", () => open("run", {}, async (page) => {
  const bars = await dataOf(figure(page, "Parts of the mean").locator("rect.bar[data-row=multi-tier]"));
  near(bars.at(-1).to, Number(expected.summary[0].latency_mean_s));
  const marks = await dataOf(figure(page, "Mean and quantiles, with intervals").locator("[data-row=multi-tier]"));
  assert.deepEqual(marks.map((m) => m.value).sort(), ["p50", "mean", "p95", "p99"].map((q) => Number(expected.summary[0][`latency_${q}_s`])).sort());
  assert.equal(marks.find((m) => m.figure === "mean").low, Number(expected.summary[0].steady_mean_low_s));
  const busy = expected.energy.find((row) => row.algorithm === "multi-tier" && row.tier === "device" && row.state === "busy");
  const [energy] = await dataOf(figure(page, "Energy of device").locator("rect.bar[data-row=multi-tier][data-part=busy]"));
  near(energy.value, Number(busy.energy_j));
  const [edge] = (await dataOf(figure(page, "Waiting requests over time").locator("path.curve[data-line=device]")));
  const samples = expected.series.filter((row) => row.where === "device");
  assert.deepEqual(edge.map((p) => p.y), samples.map((row) => number(row.waiting)));
  assert.match(await figure(page, "Waiting requests over time").textContent(), /Waiting requests at the time of the sample/);
  const use = await page.locator("#use").textContent();
  assert.match(use, /The requests that have reached a tier and wait there for a core, at the time of a sample\./);
  assert.doesNotMatch(use, /Only of tiers/);
}));

test("a run: an unknown power draw is named below the charts of energy", async () => {
  await open("hostile", {}, async (page) => {
    assert.match(await page.locator("#energy").textContent(), /The power draw of cloud is unknown: its energy is not in the chart\. A plan that uses/);
  });
  await open("run", {}, async (page) => assert.doesNotMatch(await page.locator("#energy").textContent(), /unknown/));
});

test("a note of all plans is said once", () => open("notes", {}, async (page) => {
  assert.deepEqual(await page.locator("ul.notes li").allTextContents(), ["all plans: of both", "device-only: its own"]);
}));

test("a chart zooms with buttons, keys and the wheel, and shows values", () => open("run", {}, async (page) => {
  const chart = figure(page, "Distribution of latency");
  const svg = chart.getByRole("img");
  const path = () => chart.locator("path.curve").first().getAttribute("d");
  const whole = await path();
  await chart.getByRole("button", { name: "Zoom in" }).click();
  await page.waitForTimeout(50);
  const zoomed = await path();
  assert.notEqual(zoomed, whole);
  await svg.focus();
  await page.keyboard.press("0");
  assert.equal(await path(), whole);
  await page.keyboard.press("+");
  assert.notEqual(await path(), whole);
  await page.keyboard.press("0");
  await svg.scrollIntoViewIfNeeded();
  const box = await svg.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  assert.match(await page.locator("#tip").textContent(), /Latency: .*multi-tier.*%.*cloud-only/s);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -300);
  await page.keyboard.up("Control");
  await page.waitForTimeout(100);
  assert.notEqual(await path(), whole);
  await page.keyboard.press("0");
  await page.keyboard.press("ArrowRight");
  assert.match(await page.locator("#tip").textContent(), /Latency: /);
  await chart.getByRole("button", { name: "device-only" }).click();
  assert.equal(await chart.locator("path.curve").count(), Object.keys(expected.latencies).length - 1);
}));

test("the network: layers, tiers, the cut, and the figures of a layer", () => open("run", {}, async (page) => {
  const drawing = page.locator(".drawing");
  for (const plan of ["multi-tier", "edge-only"]) {
    await choice(page, "Plan").selectOption({ label: plan });
    const rows = expected.plan.filter((row) => row.algorithm === plan && row.operator !== "input");
    for (const row of rows) {
      assert.equal(await drawing.locator(".node", { has: page.locator(`title:text-is("${row.layer}")`) }).getAttribute("data-tier"), row.tier);
    }
    const bytes = expected.plan.filter((row) => row.algorithm === plan && Number(row.crossing_bytes) > 0).map((row) => Number(row.crossing_bytes));
    if (plan === "multi-tier") {
      const texts = await drawing.locator(".edge-text.cut").allTextContents();
      assert.equal(texts.length, bytes.length);
      assert.match(texts[0], new RegExp(`^${Number((bytes[0] / 1000).toPrecision(3))}.kB`));
    }
  }
  await choice(page, "Plan").selectOption({ label: "multi-tier" });
  await page.getByLabel("Search").fill("fc6");
  assert.equal(await drawing.locator(".node.match").count(), 1);
  await page.waitForTimeout(50);
  await drawing.locator(".node.match").click();
  const row = expected.plan.find((r) => r.algorithm === "multi-tier" && r.layer === "fc6");
  for (const name of ["compute_s", "macs", "parameter_bytes", "activation_bytes"]) {
    assert.equal(Number(await page.locator(`dd[data-figure=${name}]`).getAttribute("title")), Number(row[name]));
  }
}));

test("the keys reach every control, and follow the network", () => open("run", {}, async (page) => {
  const controls = await page.locator("a:visible, button:visible, select:visible, input:visible, summary:visible, [tabindex='0']:visible").count();
  const seen = new Set();
  for (let i = 0; i < controls + 30; ++i) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      const e = document.activeElement;
      if (e === document.body) return null;
      e.dataset.seen = e.dataset.seen || String(Math.random());
      const style = getComputedStyle(e);
      const ring = style.outlineStyle !== "none" || e.classList.contains("node");
      return ring ? e.dataset.seen : `no visible focus: ${e.outerHTML.slice(0, 100)}`;
    });
    if (name === null) break;
    assert.ok(!name.startsWith("no visible"), name);
    seen.add(name);
  }
  assert.ok(seen.size >= controls - 1, `${seen.size} of ${controls} controls`);
  await page.locator(".node").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#network .card h3").textContent(), expected.plan.filter((r) => r.operator !== "input")[1].layer);
}));

test("a phone's width holds the page, and dark colours follow the system and the button", async () => {
  const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  for (const name of ["run", "sweep", "hostile"]) {
    await open(name, { viewport: { width: 390, height: 800 }, colorScheme: "dark" }, async (page) => {
      assert.ok(await fits(page), name);
      assert.equal(await background(page), "rgb(20, 23, 27)");
      for (const summary of await page.locator("#tables > details > summary").all()) await summary.click();
      assert.ok(await fits(page), `${name} with its tables`);
      await page.getByRole("button", { name: "Light colours" }).click();
      assert.equal(await background(page), "rgb(255, 255, 255)");
    });
  }
});

test("on a phone, the buttons of the network cover none of it", () => open("run", { viewport: { width: 390, height: 800 } }, async (page) => {
  const tools = await page.locator(".drawing .tools").boundingBox(), drawing = await page.locator(".drawing svg").boundingBox();
  assert.ok(tools.y + tools.height <= drawing.y + 1);
}));

test("colours are those of the plots", () => open("run", { colorScheme: "light" }, async (page) => {
  const source = readFileSync(new URL("../../analysis/plots/offcut_plots/figures.py", import.meta.url), "utf-8");
  const colours = /^COLOURS = \[(.*)\]/m.exec(source)[1].match(/#[0-9A-F]{6}/g).map((c) => c.toLowerCase());
  const own = await page.evaluate(() => Array.from({ length: 8 }, (_, i) => getComputedStyle(document.documentElement).getPropertyValue(`--c${i}`).trim()));
  assert.deepEqual(own, colours);
}));

test("tables sort, and explain their columns", () => open("run", {}, async (page) => {
  await page.locator("details[data-file='tiers.csv'] > summary").click();
  const table = page.locator("details[data-file='tiers.csv']");
  await table.getByRole("button", { name: "busy_s" }).click();
  const busy = (await table.locator("td[data-column=busy_s]").evaluateAll((cells) => cells.map((cell) => Number(cell.title || cell.textContent))));
  assert.deepEqual(busy, expected.tiers.map((row) => Number(row.busy_s)).sort((a, b) => b - a));
  await table.getByRole("button", { name: "busy_s" }).hover();
  assert.match(await page.locator("#tip").textContent(), /busy/);
}));

test("a sweep: means, half-widths and saturated points", () => open("sweep", {}, async (page) => {
  const chart = page.locator("#figures");
  for (const axis of ["workload.rate", "network.device-cloud.latency"]) {
    await choice(page, "Over").selectOption({ label: axis });
    const other = axis === "workload.rate" ? "network.device-cloud.latency" : "workload.rate";
    const value = other === "workload.rate" ? "1 /s" : "10 ms";
    const rows = expected.points.filter((row) => row[other] === value);
    const points = await dataOf(chart.locator(".markers path"));
    assert.deepEqual(points.map((p) => p.y).sort(), rows.filter((row) => row.latency_mean_s).map((row) => Number(row.latency_mean_s)).sort());
    assert.deepEqual(points.map((p) => p.half).sort(), rows.filter((row) => row.latency_mean_s).map((row) => number(row.latency_mean_s_half_width)).sort());
    const none = rows.filter((row) => !row.latency_mean_s && Number(row.saturated) > 0).length;
    assert.equal(await chart.locator(".saturated path").count(), none);
  }
  assert.ok(expected.points.some((row) => Number(row.saturated) > 0));
  await choice(page, "Figure").selectOption({ label: "latency_p95_s" });
  const p95 = await dataOf(chart.locator(".markers path"));
  assert.ok(p95.every((p) => expected.points.some((row) => Number(row.latency_p95_s) === p.y)));
  assert.equal(await page.locator("#summary tbody tr").count(), expected.points.length);
}));

test("a table that goes on to the right says so", () => open("sweep", {}, async (page) => {
  const hint = page.locator("#summary .hint");
  assert.equal(await hint.isVisible(), false);
  await page.setViewportSize({ width: 390, height: 800 });
  await hint.waitFor({ state: "visible" });
}));

test("hostile names are texts", () => open("hostile", {}, async (page) => {
    assert.equal(await page.locator("h1").textContent(), expected.hostile.title);
    assert.equal(await page.title(), expected.hostile.title);
    const names = await page.locator(".node > title").allTextContents();
    for (const layer of expected.hostile.layers) assert.ok(names.includes(layer), layer);
    await page.getByLabel("Search").fill("<script>");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#network .card h3").textContent(), expected.hostile.layers[0]);
    const closed = page.locator("details:not([open]) > summary"); // A table adds its details when it has been opened, so there may be more after a click.
    while (await closed.count() > 0) await closed.first().click();
    assert.equal(await page.locator("details[data-file]").count(), await page.locator("details[open][data-file]").count());
    assert.equal(await page.evaluate(() => [window.hurt, document.images.length, document.scripts.length].join()), ",0,3");
}));

test("a print is light and without controls", () => open("run", { colorScheme: "dark" }, async (page) => {
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  assert.equal(await page.locator("nav").isVisible(), false);
  assert.equal(await page.locator(".tools").first().isVisible(), false);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
}));
