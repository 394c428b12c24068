// The page of a run: headline figures, verdicts, latency, use of tiers and links, energy, training.

const LATENCY_PARTS = [
  ["device_wait_mean_s", "device: wait", 5], ["device_compute_mean_s", "device: compute", 0],
  ["upload_wait_mean_s", "upload: wait", 6], ["upload_mean_s", "upload", 1],
  ["server_wait_mean_s", "servers: wait", 7], ["server_compute_mean_s", "servers: compute", 2],
  ["download_mean_s", "download", 4], ["lost_mean_s", "failures", 3],
  ["team_mean_s", "between devices", 8], ["handover_mean_s", "handovers", 9],
];
const QUANTILES = [["p50", "median", 2], ["mean", "mean", 0], ["p95", "95 % quantile", 1], ["p99", "99 % quantile", 4]];

function card(name, value, more, doc) {
  return attachTip(el("div", { class: "card" }, el("div", { class: "name" }, name), el("div", { class: "value" }, value),
    more ? el("div", { class: "more" }, more) : null), doc);
}

/// Returns the verdict of a plan's run as an element: stable, overloaded, declined, ...
function verdictOf(row) {
  const outcome = textOf(row, "outcome");
  const text = outcome && outcome !== "completed" ? outcome : textOf(row, "verdict") || "–";
  return el("span", { class: `verdict ${text === "stable" ? "good" : text === "–" ? "" : "bad"}` }, text);
}

/// Returns the interval of a figure: [low, high], or nothing.
function intervalOf(row, part) {
  const low = row.get(`steady_${part}_low_s`), high = row.get(`steady_${part}_high_s`);
  return typeof low === "number" && typeof high === "number" ? [low, high] : null;
}

function intervalText(interval, unit = "s") {
  return interval ? `${valueText(interval[0], unit, 4)} to ${valueText(interval[1], unit, 4)}` : "";
}

function headlineCards(summary, row) {
  const doc = (name) => summary.docOf(name);
  const number = (name) => typeof row.get(name) === "number";
  const cards = [];
  const latency = (part, title) => {
    const name = `latency_${part}_s`;
    if (number(name)) cards.push(card(title, valueText(row.get(name), "s"), intervalText(intervalOf(row, part)) || "no interval", doc(name)));
  };
  latency("mean", "mean latency");
  latency("p95", "95 % quantile");
  latency("p99", "99 % quantile");
  if (number("throughput_per_s") && row.get("requests_arrived") > 0) cards.push(card("answers", valueText(row.get("throughput_per_s"), "1/s", 4),
    `${significant(row.get("requests_completed"), 15)} of ${significant(row.get("requests_arrived"), 15)} requests`, doc("throughput_per_s")));
  if (number("energy_per_answer_j")) cards.push(card("energy per answer", valueText(row.get("energy_per_answer_j"), "J"), "of the device", doc("energy_per_answer_j")));
  if (number("accuracy")) cards.push(card("accuracy", percentText(row.get("accuracy"), 4), "of the predictions", doc("accuracy")));
  if (number("training_accuracy")) cards.push(card("training accuracy", percentText(row.get("training_accuracy"), 4), `after ${countText(row.get("rounds"), "round")}`, doc("training_accuracy")));
  if (number("time_to_accuracy_s")) cards.push(card("time to the target", valueText(row.get("time_to_accuracy_s"), "s"), null, doc("time_to_accuracy_s")));
  if (number("training_up_bytes")) cards.push(card("bytes of training", valueText(row.get("training_up_bytes"), "bytes"), "up from the devices", doc("training_up_bytes")));
  if (number("training_energy_j")) cards.push(card("energy of training", valueText(row.get("training_energy_j"), "J"), null, doc("training_energy_j")));
  return el("div", { class: "cards" }, cards);
}

/// The notes that the run printed, or what its files say of the same. One that all plans have is said once.
function noteLines(summary) {
  const notes = DATA.notes.length ? DATA.notes : notesOfFiles(summary);
  const plansWith = (text) => new Set(notes.filter((note) => note[1] === text).map(([plan]) => plan)).size;
  const plans = new Set(summary.rows.map((row) => textOf(row, "algorithm"))).size;
  return [...new Set(notes.map(([plan, text]) => plans > 1 && plansWith(text) === plans ? `all plans: ${text}` : `${plan}: ${text}`))];
}

/// Returns pairs of a plan and what its row says of its run.
function notesOfFiles(summary) {
  return summary.rows.flatMap((row) => {
    const notes = [];
    if (!["stable", ""].includes(textOf(row, "verdict"))) notes.push(`${textOf(row, "verdict")}${textOf(row, "bottleneck") ? `; the bottleneck is ${textOf(row, "bottleneck")}` : ""}`);
    if (row.get("latency_mean_s") && !intervalOf(row, "mean") && textOf(row, "steady_note")) notes.push(`too short for an interval: ${textOf(row, "steady_note")}`);
    if (row.get("requests_dropped")) notes.push(`${significant(row.get("requests_dropped"), 15)} requests were dropped`);
    if (row.get("requests_in_flight")) notes.push(`${significant(row.get("requests_in_flight"), 15)} requests were in flight at the end`);
    if (textOf(row, "outcome") && textOf(row, "outcome") !== "completed") notes.push(textOf(row, "outcome"));
    return notes.map((note) => [textOf(row, "algorithm"), note]);
  });
}

function plansTable(summary) {
  const columns = [{ title: "plan", doc: summary.docOf("algorithm"), value: (row) => textOf(row, "algorithm"), text: (row) => textOf(row, "algorithm") }];
  const add = (name, title, text, exact = (row) => row.get(name)) => {
    if (summary.has(name)) columns.push({ title, doc: summary.docOf(name), number: true, value: (row) => row.get(name), text, exact });
  };
  const plain = (name, digits = 3) => (row) => valueText(row.get(name), summary.unit(name), digits);
  add("planned_latency_s", "planned", plain("planned_latency_s"));
  add("latency_mean_s", "mean", plain("latency_mean_s"));
  if (summary.has("steady_mean_low_s")) columns.push({
    title: `± (${percentText(DATA.confidence)})`, doc: "The half-width of the interval of the mean.", number: true,
    value: (row) => intervalOf(row, "mean") ? (intervalOf(row, "mean")[1] - intervalOf(row, "mean")[0]) / 2 : null,
    text: (row) => intervalOf(row, "mean") ? valueText((intervalOf(row, "mean")[1] - intervalOf(row, "mean")[0]) / 2, "s") : "–",
  });
  for (const part of ["p50", "p95", "p99"]) add(`latency_${part}_s`, part, plain(`latency_${part}_s`), (row) => intervalText(intervalOf(row, part)) || row.get(`latency_${part}_s`));
  add("throughput_per_s", "answers", plain("throughput_per_s", 4));
  if (summary.rows.some((row) => row.get("requests_dropped") > 0)) add("requests_dropped", "dropped", plain("requests_dropped"));
  if (summary.rows.some((row) => row.get("requests_in_flight") > 0)) add("requests_in_flight", "in flight", plain("requests_in_flight"));
  add("energy_per_answer_j", "energy per answer", plain("energy_per_answer_j"));
  add("accuracy", "accuracy", (row) => percentText(row.get("accuracy"), 4));
  add("training_accuracy", "training accuracy", (row) => percentText(row.get("training_accuracy"), 4));
  const verdict = (row) => verdictOf(row).textContent;
  columns.push({ title: "verdict", doc: summary.docOf("verdict"), value: verdict, text: verdict });
  return sortableTable(columns, summary.rows, "The plans compared");
}

function summarySection(summary) {
  const chosen = summary.rows[0];
  const notes = noteLines(summary);
  const basis = chosen ? [textOf(chosen, "tier_basis"), textOf(chosen, "link_basis")].filter((text) => text).join("; ") : "";
  const bad = summary.rows.some((row) => !["stable", "–"].includes(verdictOf(row).textContent));
  return section("summary", "Summary",
    chosen ? el("p", {}, summary.rows.length > 1 || textOf(chosen, "algorithm") ? ["The chosen plan is ", el("strong", {}, textOf(chosen, "algorithm")), "; its run is ", verdictOf(chosen),
      ". Intervals hold with ", percentText(DATA.confidence), " confidence."] : null) : null,
    chosen ? headlineCards(summary, chosen) : null,
    basis ? el("p", { class: "soft small", id: "basis" }, `Basis of predictions: ${basis}`) : null,
    notes.length ? el("ul", { class: bad ? "notes" : "notes calm" }, notes.map((note) => el("li", {}, note))) : null,
    summary.rows.length > 1 ? plansTable(summary) : null);
}

function latencySection(summary) {
  const rows = summary.rows.filter((row) => typeof row.get("latency_mean_s") === "number");
  if (!rows.length) return null;
  const part = section("latency", "Latency");
  const names = rows.map((row) => textOf(row, "algorithm"));
  const marks = rows.map((row) => ({
    name: textOf(row, "algorithm"),
    marks: QUANTILES.filter(([q]) => typeof row.get(`latency_${q}_s`) === "number").map(([q, figure, index]) => {
      const interval = intervalOf(row, q) || [];
      return { figure, index, value: row.get(`latency_${q}_s`), low: interval[0], high: interval[1] };
    }).sort((a, b) => a.value - b.value),
  }));
  const pair = el("div", { class: "pair" });
  part.append(pair);
  addLater(pair, (host) => stackChart(host, { title: "Parts of the mean", label: "Mean latency", rows: names, unit: "s",
    parts: LATENCY_PARTS.map(([column, name, index]) => ({ name, index, values: rows.map((row) => row.get(column)) })) }));
  addLater(pair, (host) => rangeChart(host, { title: "Mean and quantiles, with intervals", label: "Latency", rows: marks, unit: "s", log: true }));
  if (DATA.latencies.length) {
    addLater(part, (host) => {
      const lines = DATA.latencies.slice(0, MOST_LINES).map((plan, index) => ({
        name: plan.plan || "all", index, points: plan.latency_s.map((x, i) => ({ x, y: plan.share[i] })),
      }));
      lineChart(host, { title: "Distribution of latency", lines: () => lines, step: true, height: 300,
        x: { title: "Latency", unit: "s", log: true }, y: { title: "Share of answers", percent: true, domain: [0, 1] } });
      const most = d3.max(DATA.latencies, (plan) => plan.answers);
      host.append(el("p", { class: "soft small" }, `The share of answers that took no longer, of requests.csv (${DATA.latencies.map((p) => `${p.plan}: ${countText(p.answers, "answer")}`).join("; ")}).`
        + (most > 800 ? " Some hundred quantiles are drawn, each the latency of an answer." : "")));
    });
  }
  return part;
}

function seriesChart(title, column, places, options = {}) {
  const lines = places.map((place, index) => ({ place, index })).filter(({ place }) => place.columns[column]).slice(0, MOST_LINES).map(({ place, index }) => {
    const { mean, most } = place.columns[column];
    const scale = options.scale ? options.scale(place.where) : 1;
    return { name: place.where, index, points: mean.map((y, i) => ({ x: place.columns.time_s.mean[i], y: y === null ? null : y * scale,
      ...(most ? { low: y * scale, high: most[i] * scale } : {}) })) };
  }).filter((line) => line.points.some((p) => p.y !== null));
  if (!lines.length) return null;
  const text = DATA.series_columns.find((c) => c.name === column);
  return (host) => {
    lineChart(host, { title, lines: () => lines, area: true, height: 200, x: { title: "Simulated time", unit: "s", zero: true },
      y: { title: options.label, unit: text ? text.unit : "", percent: options.percent, zero: true } });
    const group = d3.max(places, (place) => place.group);
    host.append(el("p", { class: "soft small" }, options.caption, group > 1 ? ` A point is the mean of ${group} samples that follow each other`
      + (lines.some((line) => line.points[0].high !== undefined) ? "; the shade goes up to the greatest of them." : ".") : ""));
  };
}

function useSection() {
  const tiers = TABLES.get("tiers.csv"), links = TABLES.get("links.csv");
  if (!tiers || !tiers.rows.length) return null;
  const part = section("use", "Use of tiers and links");
  const pair = el("div", { class: "pair" });
  part.append(pair);
  const bars = (table, title, names, nameColumn) => {
    const rows = table.rows.filter((row) => typeof row.get("utilisation") === "number");
    const plans = [...new Set(rows.map((row) => textOf(row, "algorithm")))];
    const places = [...new Set(rows.map(names))];
    if (!rows.length) return;
    const chosen = rows.filter((row) => textOf(row, "algorithm") === plans[0]);
    addLater(pair, (host) => stackChart(host, { title: `${title}, ${plans[0]}`, label: "Share of the time", percent: true, unit: "",
      rows: places.filter((place) => chosen.some((row) => names(row) === place)),
      parts: [{ name: "busy", index: 0, values: chosen.map((row) => row.get("utilisation")) }] }));
    const columns = [{ title: nameColumn, value: names, text: names }, { title: "plan", value: (row) => textOf(row, "algorithm"), text: (row) => textOf(row, "algorithm") }];
    for (const name of ["utilisation", "offered_load", "wait_mean_s", "most_waiting", "most_messages", "verdict"]) {
      if (!table.has(name)) continue;
      const share = name === "utilisation" || name === "offered_load";
      columns.push({ title: titleOf(name).toLowerCase(), doc: table.docOf(name), number: name !== "verdict", value: (row) => row.get(name), exact: (row) => row.get(name),
        text: (row) => row.get(name) === null ? "" : share ? percentText(row.get(name)) : valueText(row.get(name), table.unit(name)) });
    }
    part.append(el("h3", {}, title), sortableTable(columns, table.rows, title));
  };
  bars(tiers, "Busy cores", (row) => textOf(row, "tier"), "tier");
  if (links) bars(links, "Busy links", (row) => `${textOf(row, "hop")} ${textOf(row, "direction")}`, "link");
  const cores = new Map(tiers.rows.filter((row) => textOf(row, "algorithm") === textOf(tiers.rows[0], "algorithm")).map((row) => [textOf(row, "tier"), row.get("servers")]));
  const places = DATA.series.filter((place) => place.where !== "all");
  const onTiers = places.filter((place) => place.columns.busy_cores);
  const onHops = places.filter((place) => !place.columns.busy_cores);
  for (const draw of [
    seriesChart("Busy cores over time", "busy_cores", onTiers, { percent: true, label: "Busy cores at the time of the sample",
      caption: "The share of a tier's cores that are busy at the time of a sample.", scale: (where) => 1 / (cores.get(where) || 1) }),
    seriesChart("Waiting requests over time", "waiting", onTiers, { label: "Waiting requests at the time of the sample",
      caption: "The requests that have reached a tier and wait there for a core, at the time of a sample." }),
    seriesChart("Messages on hops over time", "present", onHops, { label: "Messages at the time of the sample",
      caption: "The messages that wait for a hop, or are under way on it, at the time of a sample." }),
    seriesChart("Requests in flight over time", "present", DATA.series.filter((place) => place.where === "all"), { label: "Requests in flight at the time of the sample",
      caption: "The requests of the whole system that have arrived, and are not yet answered, at the time of a sample." }),
    seriesChart("Machines over time", "machines", onTiers, { label: "Machines at the time of the sample",
      caption: "The machines of a tier with an autoscaler at the time of a sample, those that start or finish included." }),
    seriesChart("Bandwidth up over time", "up_bandwidth_bytes_per_s", onHops, { label: "Mean bandwidth since the sample before",
      caption: "The bandwidth away from the devices of each of a hop's own links, averaged since the sample before." }),
  ]) if (draw) addLater(part, draw);
  return part;
}

function energySection() {
  const table = TABLES.get("energy.csv");
  const rows = table ? table.rows.filter((row) => row.get("energy_j") > 0) : [];
  if (!rows.length) return null;
  const part = section("energy", "Energy");
  const unknown = unknownPower(table);
  const stateOf = (row) => textOf(row, "part") === "machines" ? textOf(row, "state")
    : textOf(row, "state").startsWith("tail") ? "radio: tails" : `radio: ${textOf(row, "state")}`;
  const states = [...new Set(rows.map(stateOf))];
  const indexOf = (state, i) => ({ busy: 0, idle: 5, "radio: transfer": 1, "radio: promotion": 4, "radio: waiting": 6, "radio: tails": 7, "radio: idle": 2 }[state] ?? i + 3);
  const pair = el("div", { class: "pair" });
  part.append(pair);
  for (const tier of [...new Set(rows.map((row) => textOf(row, "tier")))]) {
    const own = rows.filter((row) => textOf(row, "tier") === tier);
    const plans = [...new Set(own.map((row) => textOf(row, "algorithm")))];
    addLater(pair, (host) => stackChart(host, { title: `Energy of ${tier}`, label: "Energy of the run", rows: plans, unit: "J",
      parts: states.map((state, i) => ({ name: state, index: indexOf(state, i),
        values: plans.map((plan) => d3.sum(own.filter((row) => textOf(row, "algorithm") === plan && stateOf(row) === state), (row) => row.get("energy_j"))) })) }));
  }
  if (unknown.length) {
    part.append(el("p", { class: "soft small" }, unknown.map(({ place, its }) => `The power draw of ${place} is unknown: ${its} energy is not in the chart. `),
      new Set(table.rows.map((row) => textOf(row, "algorithm"))).size > 1 ? "A plan that uses what is missing looks cheaper than it is." : null));
  }
  return part;
}

/// Returns what energy.csv has times of, but no energy: [{ place, its }], whole tiers, and else parts of them.
function unknownPower(table) {
  const spent = table.rows.filter((row) => row.get("time_s") > 0);
  return d3.nest().key((row) => textOf(row, "tier")).entries(spent).flatMap(({ key: tier, values: own }) => {
    const isKnown = (row) => typeof row.get("energy_j") === "number";
    const missing = own.filter((row) => !isKnown(row));
    if (missing.length === own.length) return [{ place: tier, its: "its" }];
    return ["machines", "radios"].map((part) => [part, missing.filter((row) => textOf(row, "part") === part)]).filter(([, rows]) => rows.length)
      .map(([part, rows]) => own.some((row) => textOf(row, "part") === part && isKnown(row))
        ? { place: `the ${part} of ${tier} (${[...new Set(rows.map((row) => textOf(row, "state")))].join(", ")})`, its: "that" }
        : { place: `the ${part} of ${tier}`, its: "their" });
  });
}

function trainingSection() {
  const table = TABLES.get("rounds.csv");
  if (!table || !table.has("end_s")) return null;
  const drawn = ["accuracy", "test_loss"].filter((name) => table.has(name));
  if (!drawn.length) return null;
  const part = section("training", "Training");
  for (const name of drawn) {
    const lines = [{ name: "", index: drawn.indexOf(name), points: table.rows.filter((row) => typeof row.get(name) === "number" && typeof row.get("end_s") === "number")
      .map((row) => ({ x: row.get("end_s"), y: row.get(name) })).sort((a, b) => a.x - b.x) }];
    addLater(part, (host) => lineChart(host, { title: `${titleOf(name)} over simulated time`, lines: () => lines, height: 260, markers: lines[0].points.length <= 60,
      x: { title: "Simulated time", unit: "s", zero: true }, y: { title: titleOf(name), unit: table.unit(name), percent: name === "accuracy" } }));
  }
  return part;
}

function runSections() {
  const summary = TABLES.get("summary.csv");
  return [summarySection(summary), trainingSection(), latencySection(summary), networkSection(), useSection(), energySection()];
}
