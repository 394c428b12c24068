// Lays a network out in ranks from top to bottom (Sugiyama's method): a layer is below all that it reads; edges over several
// ranks pass through places of their own; the order within ranks is that of the means of neighbours; and places are as near to
// their neighbours as the order and the distances allow (isotonic regression). Thousands of layers take well below a second.

const NODE = { width: 168, height: 36 };
const GAP = { x: 18, y: 34 };
const SWEEPS = 6;

/// Returns ascending values, at least `gaps[i]` apart, that are nearest to the wanted ones (least squares, weighted).
function spreadOut(wanted, gaps, weights) {
  const offset = [0];
  for (let i = 1; i < wanted.length; ++i) offset.push(offset[i - 1] + gaps[i]);
  const blocks = [];
  wanted.forEach((w, i) => {
    let block = { sum: (w - offset[i]) * weights[i], weight: weights[i], count: 1 };
    while (blocks.length && blocks[blocks.length - 1].sum / blocks[blocks.length - 1].weight >= block.sum / block.weight) {
      const last = blocks.pop();
      block = { sum: block.sum + last.sum, weight: block.weight + last.weight, count: block.count + last.count };
    }
    blocks.push(block);
  });
  return blocks.flatMap((block) => Array(block.count).fill(block.sum / block.weight)).map((v, i) => v + offset[i]);
}

/// Returns { nodes: [{ x, y, rank }], edges: [[{ x, y }...]], width, height } for nodes in topological order, with the
/// centres of nodes, and the points through which edges go.
function layOut(nodeCount, edges) {
  const rank = Array(nodeCount).fill(0);
  edges.slice().sort((a, b) => a.to - b.to).forEach((e) => { rank[e.to] = Math.max(rank[e.to], rank[e.from] + 1); });
  const places = rank.map((r) => ({ rank: r, up: [], down: [], isNode: true }));
  const byRank = [];
  const enter = (place) => {
    (byRank[place.rank] = byRank[place.rank] || []).push(place);
    return place;
  };
  places.forEach(enter);
  const chains = edges.map((e) => {
    const chain = [places[e.from]];
    for (let r = rank[e.from] + 1; r < rank[e.to]; ++r) chain.push(enter({ rank: r, up: [], down: [], isNode: false }));
    chain.push(places[e.to]);
    for (let i = 1; i < chain.length; ++i) {
      chain[i - 1].down.push(chain[i]);
      chain[i].up.push(chain[i - 1]);
    }
    return chain;
  });
  byRank.forEach((row) => row.forEach((place, i) => { place.order = i; }));
  for (let sweep = 0; sweep < SWEEPS; ++sweep) {
    const side = sweep % 2 ? "down" : "up";
    (sweep % 2 ? byRank.slice().reverse() : byRank).forEach((row) => {
      row.forEach((place) => { place.mean = place[side].length ? d3.mean(place[side], (p) => p.order) : place.order; });
      row.sort((a, b) => a.mean - b.mean || a.order - b.order);
      row.forEach((place, i) => { place.order = i; });
    });
  }
  const size = (place) => place.isNode ? NODE.width : 10;
  byRank.forEach((row) => {
    let x = 0;
    row.forEach((place) => { place.x = x + size(place) / 2; x += size(place) + GAP.x; });
    row.forEach((place) => { place.x -= (x - GAP.x) / 2; });
  });
  for (let sweep = 0; sweep < 2 * SWEEPS; ++sweep) {
    const down = sweep % 2 === 0;
    (down ? byRank : byRank.slice().reverse()).forEach((row) => {
      const wanted = row.map((place) => {
        const near = sweep >= 2 * SWEEPS - 2 ? [...place.up, ...place.down] : down ? place.up : place.down;
        return near.length ? d3.mean(near, (p) => p.x) : place.x;
      });
      const gaps = row.map((place, i) => i ? (size(row[i - 1]) + size(place)) / 2 + GAP.x : 0);
      spreadOut(wanted, gaps, row.map((place) => place.isNode ? 1 : 2)).forEach((x, i) => { row[i].x = x; });
    });
  }
  const left = d3.min(byRank.flat(), (p) => p.x - size(p) / 2) || 0;
  const right = d3.max(byRank.flat(), (p) => p.x + size(p) / 2) || 0;
  const yOf = (place) => place.rank * (NODE.height + GAP.y) + NODE.height / 2;
  const at = (place) => ({ x: place.x - left, y: yOf(place) });
  return {
    nodes: places.map((place) => ({ ...at(place), rank: place.rank, order: place.order })),
    edges: chains.map((chain) => chain.map((place, i) => {
      const { x, y } = at(place);
      return { x, y: y + (i === 0 ? NODE.height / 2 : i === chain.length - 1 ? -NODE.height / 2 : 0) };
    })),
    width: right - left,
    height: byRank.length * (NODE.height + GAP.y) - GAP.y,
  };
}
