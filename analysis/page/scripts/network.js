// The drawing of a cut network: layers coloured by the tiers of a plan, tensors with their bytes, those that cross a cut
// marked. A layer can be searched for and chosen, with the mouse or the keys; its figures of plan.csv are then shown.

function shortened(text, most) {
  return text.length <= most ? text : text.slice(0, Math.ceil(most / 2) - 1) + "…" + text.slice(text.length - Math.floor(most / 2));
}

/// Returns the plans of plan.csv for a network: [{ name, rows: Map of a layer's name to its row }].
function plansOf(network) {
  const table = TABLES.get("plan.csv");
  const plans = new Map();
  if (!table) return [];
  table.rows.forEach((row) => {
    const isOther = (table.has("model") && textOf(row, "model") !== network.model)
      || (table.has("group") && textOf(row, "group") !== "" && textOf(row, "group") !== network.group);
    if (isOther) return;
    const name = textOf(row, "algorithm");
    if (!plans.has(name)) plans.set(name, new Map());
    plans.get(name).set(textOf(row, "layer"), row);
  });
  return [...plans].map(([name, rows]) => ({ name, rows }));
}

function networkSection() {
  const networks = DATA.networks.filter((network) => plansOf(network).length > 0);
  if (!networks.length) return null;
  const tiers = DATA.tiers.slice();
  let network = networks[0], plans = plansOf(network), plan = plans[0], chosen = -1, picture, matches = [], match = 0;
  const nameOf = (n) => n.group ? `${n.model} on ${n.group}` : n.model || n.name;
  const panel = el("div", { class: "card", "aria-live": "polite" });
  const tierKey = el("div");
  const counter = el("span", { class: "soft small", role: "status" });
  const svg = d3.create("svg").attr("role", "group");
  const scene = svg.append("g");
  const zoom = d3.zoom().scaleExtent([0.02, 4])
    .filter(() => d3.event.type === "wheel" ? d3.event.ctrlKey || d3.event.metaKey
      : d3.event.type.startsWith("touch") ? d3.event.touches.length > 1 : !d3.event.button)
    .on("zoom", () => {
      scene.attr("transform", d3.event.transform);
      svg.classed("far", d3.event.transform.k < 0.55);
    });
  svg.call(zoom).style("touch-action", null).on("dblclick.zoom", null);

  const rowOf = (i) => plan.rows.get(network.nodes[i][0]);
  const isInput = (i) => network.nodes[i][1] === "input";
  const tierOf = (i) => isInput(i) ? tiers[0] : rowOf(i) ? textOf(rowOf(i), "tier") : "";
  const tierIndex = (tier) => {
    if (!tiers.includes(tier)) tiers.push(tier);
    return tiers.indexOf(tier);
  };
  const colour = (i) => tierOf(i) === "" || (isInput(i) && !rowOf(i)) ? "var(--soft)" : fillOf(tierIndex(tierOf(i)));
  const isCut = (e) => tierOf(e.from) !== tierOf(e.to);

  /// Bytes on an edge: those that cross where it is cut, as plan.csv has them, if they are known for this tensor alone.
  function edgeText(e) {
    const row = rowOf(e.from);
    const crossing = row && isCut(e) ? row.get("crossing_bytes") : null;
    const codec = row && isCut(e) ? textOf(row, "codec") : "";
    const bytes = typeof crossing === "number" && crossing > 0 ? crossing : e.bytes;
    return valueText(bytes, "bytes") + (codec ? ` (${codec})` : "");
  }

  function draw() {
    const edges = network.edges.map(([from, to, tensor, type, bytes]) => ({ from, to, tensor, type, bytes }));
    picture = layOut(network.nodes.length, edges);
    picture.list = edges;
    scene.selectAll("*").remove();
    const most = d3.max(edges, (e) => e.bytes) || 1;
    const line = d3.line().x((p) => p.x).y((p) => p.y).curve(d3.curveMonotoneY);
    const lines = scene.append("g").selectAll("path").data(edges).enter().append("path").attr("class", "edge")
      .attr("d", (e, i) => line(picture.edges[i])).attr("stroke-width", (e) => 1 + 4 * Math.sqrt(e.bytes / most));
    lines.append("title").text((e) => `${e.tensor}: ${e.type}, ${valueText(e.bytes, "bytes")}`);
    const nodes = scene.append("g").attr("role", "listbox").attr("aria-label", "Layers").selectAll("g").data(network.nodes).enter().append("g")
      .attr("class", "node").attr("role", "option").attr("tabindex", (d, i) => i === 0 ? 0 : -1)
      .attr("transform", (d, i) => `translate(${picture.nodes[i].x - NODE.width / 2},${picture.nodes[i].y - NODE.height / 2})`)
      .on("click", (d, i) => choose(i))
      .on("focus", (d, i) => reveal(i))
      .on("keydown", (d, i) => keyDown(i));
    for (const part of ["paper", "fill"]) {
      nodes.append("rect").attr("class", part).attr("width", NODE.width).attr("height", NODE.height).attr("rx", 6);
    }
    nodes.append("text").attr("class", "name").attr("x", 10).attr("y", 15).text((d) => shortened(d[0], 20));
    nodes.append("text").attr("class", "what").attr("x", 10).attr("y", 29);
    nodes.append("title").text((d) => d[0]);
    scene.append("g").attr("class", "edge-texts").selectAll("text").data(edges).enter().append("text")
      .attr("class", "edge-text").attr("text-anchor", "start");
    colourIn();
  }

  /// Shows the plan in the drawing.
  function colourIn() {
    const label = (i) => {
      const row = rowOf(i);
      const seconds = row ? row.get("compute_s") : null;
      return network.nodes[i][1] + (typeof seconds === "number" && seconds > 0 ? ` · ${valueText(seconds, "s")}` : "");
    };
    scene.selectAll(".node").attr("data-tier", (d, i) => tierOf(i))
      .attr("aria-label", (d, i) => `${d[0]}, ${label(i)}, ${isInput(i) ? "input" : tierOf(i)}`)
      .each(function (d, i) {
        const node = d3.select(this);
        node.select(".paper").style("stroke", colour(i));
        node.select(".fill").style("fill", colour(i));
        node.select(".what").text(label(i));
      });
    scene.selectAll(".edge").classed("cut", isCut);
    scene.selectAll(".edge-text").classed("cut", isCut).text(edgeText).each(function (e, i) {
      const points = picture.edges[i];
      const k = (points.length - 1) / 2;
      const a = points[Math.floor(k)], b = points[Math.ceil(k)];
      d3.select(this).attr("x", (a.x + b.x) / 2 + (points.length === 2 && a !== b ? 8 : 6)).attr("y", (a.y + b.y) / 2 + 4);
    });
    svg.attr("aria-label", `Network ${nameOf(network)} under the plan ${plan.name}`);
    const layers = (tier) => network.nodes.filter((d, i) => !isInput(i) && tierOf(i) === tier).length;
    tierKey.replaceChildren(legend(tiers.map((tier, index) => ({ name: `${tier}: ${countText(layers(tier), "layer")}`, index })),));
    if (chosen >= 0) choose(chosen, false);
  }

  const box = () => ({ width: svg.node().clientWidth || 600, height: svg.node().clientHeight || 500 });
  function moveTo(k, x, y) {
    const { width, height } = box();
    zoom.transform(svg, d3.zoomIdentity.translate(width / 2 - k * x, height / 2 - k * y).scale(k));
  }
  function fit() {
    const { width, height } = box();
    moveTo(Math.min(1, 0.94 * Math.min(width / picture.width, height / picture.height)), picture.width / 2, picture.height / 2);
  }
  /// Shows the first cut at a scale that can be read; the top without one.
  function showCut() {
    const { width, height } = box();
    const i = picture.list.findIndex(isCut);
    const k = Math.min(1, Math.max(0.7, (0.94 * width) / picture.width));
    if (i < 0 || picture.height * k < height) return picture.height * k < height ? moveTo(k, picture.width / 2, picture.height / 2) : moveTo(k, picture.nodes[0].x, (height / 2 - 24) / k);
    const points = picture.edges[i];
    const middle = (points[0].y + points[points.length - 1].y) / 2;
    const edge = (height / 2 - 24) / k;  // Nothing but the margin is above the first layer, or below the last one.
    moveTo(k, (points[0].x + points[points.length - 1].x) / 2, Math.max(edge, Math.min(picture.height - edge, middle)));
  }
  /// Moves the drawing if the node is outside.
  function reveal(i) {
    const t = d3.zoomTransform(svg.node());
    const [x, y] = t.apply([picture.nodes[i].x, picture.nodes[i].y]);
    const { width, height } = box();
    if (x < 60 || y < 30 || x > width - 60 || y > height - 30 || t.k < 0.4) moveTo(Math.max(t.k, 0.7), picture.nodes[i].x, picture.nodes[i].y);
  }

  function choose(i, scrolls = true) {
    chosen = i;
    scene.selectAll(".node").classed("chosen", (d, k) => k === i).attr("aria-selected", (d, k) => String(k === i))
      .attr("tabindex", (d, k) => k === i ? 0 : -1);
    const [name, operator] = network.nodes[i];
    const row = rowOf(i);
    const table = TABLES.get("plan.csv");
    const figures = el("dl", { class: "figures" });
    const add = (key, text, doc, exact) => figures.append(attachTip(el("dt", {}, key), doc), el("dd", { title: exact, "data-figure": key }, text));
    add("operator", operator);
    if (row) {
      table.columns.filter((c) => !["algorithm", "layer", "operator", "model", "group"].includes(c.name) && row.get(c.name) !== null)
        .forEach((c) => add(c.name, valueText(row.get(c.name), c.unit, 4), c.doc, String(row.get(c.name))));
    }
    const tensors = (key, side, other) => picture.list.filter((e) => e[side] === i).forEach((e) =>
      add(`${key} ${network.nodes[e[other]][0]}`, valueText(e.bytes, "bytes"), `${e.tensor}: ${e.type}`));
    tensors("reads", "to", "from");
    tensors("feeds", "from", "to");
    panel.replaceChildren(el("h3", {}, name), el("div", { class: "soft small" }, isInput(i) ? "input of the network" : `on ${tierOf(i)} under ${plan.name}`), figures);
    if (scrolls) reveal(i);
  }

  function focusOn(i) {
    scene.selectAll(".node").attr("tabindex", (d, k) => k === i ? 0 : -1);
    scene.selectAll(".node").nodes()[i].focus({ preventScroll: true });
  }

  function keyDown(i) {
    const event = d3.event;
    const next = (side, other) => {
      const found = picture.list.filter((e) => e[side] === i).map((e) => e[other]);
      return found.length ? found[0] : -1;
    };
    const beside = (by) => picture.nodes.findIndex((p) => p.rank === picture.nodes[i].rank && p !== picture.nodes[i]
      && by * (p.x - picture.nodes[i].x) > 0 && !picture.nodes.some((q) => q.rank === p.rank && q !== p && q !== picture.nodes[i]
        && by * (q.x - picture.nodes[i].x) > 0 && by * (p.x - q.x) > 0));
    const target = { ArrowDown: () => next("from", "to"), ArrowUp: () => next("to", "from"), ArrowLeft: () => beside(-1), ArrowRight: () => beside(1),
      Home: () => 0, End: () => network.nodes.length - 1 }[event.key];
    if (target) {
      event.preventDefault();
      const to = target();
      if (to >= 0) focusOn(to);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(i);
    }
  }

  function search(text) {
    const wanted = text.trim().toLowerCase();
    matches = wanted ? d3.range(network.nodes.length).filter((i) => network.nodes[i].some((t) => t.toLowerCase().includes(wanted))) : [];
    match = 0;
    const found = new Set(matches);
    svg.classed("searching", matches.length > 0);
    scene.selectAll(".node").classed("match", (d, i) => found.has(i));
    counter.textContent = wanted ? countText(matches.length, "layer") + " found" : "";
    if (matches.length) reveal(matches[0]);
  }
  function nextMatch() {
    if (!matches.length) return;
    choose(matches[match % matches.length]);
    ++match;
  }

  const planBox = el("span");
  function offerPlans() {
    planBox.replaceChildren(chooser("Plan", plans.map((p) => p.name), (i) => { plan = plans[i]; colourIn(); }, plans.indexOf(plan)));
  }
  function empty() {
    chosen = -1;
    panel.replaceChildren(el("h3", {}, "No layer is chosen"), el("p", { class: "soft small" },
      "Click a layer to see its figures, or go to the drawing with Tab: arrow keys follow the tensors, Enter chooses. "
      + "Ctrl and the wheel zoom; dragging moves the drawing. Dashed tensors cross from tier to tier, each once, however many layers read it."));
  }
  const tool = (text, name, act, wide) => el("button", { type: "button", title: name, "aria-label": `${name}: network`, class: wide ? "wide" : null, click: act }, text);
  const parts = section("network", "The cut network",
    el("div", { class: "controls" },
      networks.length > 1 ? chooser("Network", networks.map(nameOf), (i) => {
        network = networks[i];
        plans = plansOf(network);
        plan = plans.find((p) => p.name === plan.name) || plans[0];
        offerPlans();
        empty();
        draw();
        showCut();
      }) : null,
      planBox,
      el("label", {}, "Search", el("input", { type: "search", placeholder: "layer or operator", input: (event) => search(event.target.value),
        keydown: (event) => { if (event.key === "Enter") nextMatch(); } })), counter),
    tierKey,
    el("div", { class: "network" },
      el("div", { class: "drawing" }, el("div", { class: "tools" },
        tool("+", "Zoom in", () => zoom.scaleBy(svg, 1.5)), tool("−", "Zoom out", () => zoom.scaleBy(svg, 1 / 1.5)),
        tool("cut", "Show the cut", showCut, true), tool("all", "Show all", fit, true)), svg.node()),
      panel));
  offerPlans();
  empty();
  draw();
  let width = 0;
  new ResizeObserver(() => {  // The first call comes when the drawing is in the page.
    if (box().width !== width && svg.node().clientWidth) {
      width = box().width;
      showCut();
    }
  }).observe(svg.node());
  return parts;
}
