// Everything on the canvas. A scene holds what does not change while one looks at it.

const TITLE_FONT = 14, CAPTION_FONT = 12, LABEL_FONT = 12;
const NO_TEXT_BELOW = 0.28, NO_EDGE_LABELS_BELOW = 0.5;

function buildScene(data) {
  const nodes = data.nodes.map((node) => ({ ...node, ...outline(node.form, node.x, node.y, node.w, node.h) }));
  const edges = data.edges.map((edge) => buildEdge(edge));
  const zones = [...data.zones].sort((a, b) => a.depth - b.depth);
  const scene = { nodes, edges, zones, focus: data.focus, whole: data.whole, bounds: boundsOf(nodes, edges, zones) };
  placeLabels(scene);
  return scene;
}

function buildEdge(edge) {
  const r = edge.route, path = new Path2D();
  const box = { l: Infinity, t: Infinity, r: -Infinity, b: -Infinity };
  path.moveTo(r[0], r[1]);
  for (let i = 2; i + 5 < r.length; i += 6) path.bezierCurveTo(r[i], r[i + 1], r[i + 2], r[i + 3], r[i + 4], r[i + 5]);
  for (let i = 0; i < r.length; i += 2) {
    box.l = Math.min(box.l, r[i]); box.r = Math.max(box.r, r[i]);
    box.t = Math.min(box.t, r[i + 1]); box.b = Math.max(box.b, r[i + 1]);
  }
  const n = r.length, tip = { x: r[n - 2], y: r[n - 1] };
  const near = curvePoint(r, (n - 2) / 6 - 0.08);
  return { ...edge, path, box, tip, angle: Math.atan2(tip.y - near.y, tip.x - near.x) };
}

// The point at parameter t of a chain of curves; whole numbers are the joints.
function curvePoint(route, t) {
  const count = (route.length - 2) / 6;
  const at = Math.min(count - 1, Math.max(0, Math.floor(t))), u = Math.min(1, Math.max(0, t - at)), v = 1 - u;
  const p = route.slice(at * 6, at * 6 + 8);
  const mix = (i) => v * v * v * p[i] + 3 * v * v * u * p[i + 2] + 3 * v * u * u * p[i + 4] + u * u * u * p[i + 6];
  return { x: mix(0), y: mix(1) };
}

function boundsOf(nodes, edges, zones) {
  const b = { l: Infinity, t: Infinity, r: -Infinity, b: -Infinity };
  const add = (l, t, r, bottom) => {
    b.l = Math.min(b.l, l); b.t = Math.min(b.t, t); b.r = Math.max(b.r, r); b.b = Math.max(b.b, bottom);
  };
  nodes.forEach((n) => add(n.x - n.w / 2, n.y - n.h / 2, n.x + n.w / 2, n.y + n.h / 2));
  edges.forEach((e) => add(e.box.l, e.box.t, e.box.r, e.box.b));
  zones.forEach((z) => add(z.x, z.y, z.x + z.width, z.y + z.height));
  return b.l === Infinity ? { l: 0, t: 0, r: 100, b: 100 } : b;
}

// Give every edge label a place that covers no box and no other label; the rest show on hover only.
function placeLabels(scene) {
  const taken = scene.nodes.map((n) => [n.x - n.w / 2 - 2, n.y - n.h / 2 - 2, n.x + n.w / 2 + 2, n.y + n.h / 2 + 2]);
  scene.zones.forEach((z) => taken.push([z.x, z.y, z.x + 24 + z.label.length * 8, z.y + 34]));
  const probe = new OffscreenCanvas(1, 1).getContext("2d");
  probe.font = `${LABEL_FONT}px sans-serif`;
  for (const edge of scene.edges) {
    if (!edge.text) continue;
    const count = (edge.route.length - 2) / 6, half = probe.measureText(edge.text).width / 2 + 4;
    edge.spot = null;
    for (const share of [0.5, 0.42, 0.58, 0.33, 0.67, 0.25, 0.75, 0.15, 0.85]) {
      const p = curvePoint(edge.route, share * count), box = [p.x - half, p.y - 9, p.x + half, p.y + 9];
      if (taken.some((o) => box[0] < o[2] && o[0] < box[2] && box[1] < o[3] && o[1] < box[3])) continue;
      taken.push(box);
      edge.spot = { ...p, half };
      break;
    }
    edge.rest = edge.spot ?? { ...curvePoint(edge.route, 0.5 * count), half };
  }
}

function paintGround(ctx, scene, look, state) {
  for (const zone of scene.zones) paintZone(ctx, zone, look);
  const lit = [];
  for (const edge of scene.edges) {
    if (isLit(edge, state)) lit.push(edge);
    else paintEdge(ctx, edge, look, state, false);
  }
  lit.forEach((edge) => paintEdge(ctx, edge, look, state, true));
  if (state.scale >= NO_EDGE_LABELS_BELOW) {
    scene.edges.forEach((edge) => edge.spot && !isLit(edge, state) && paintEdgeLabel(ctx, edge, edge.spot, look, state));
  }
}

function isLit(edge, state) {
  return [state.picked, state.hovered].some((item) => item && (item === edge || item.id === edge.from && !item.route || item.id === edge.to && !item.route));
}

function paintZone(ctx, zone, look) {
  ctx.save();
  ctx.beginPath();
  ctx.roundRect(zone.x, zone.y, zone.width, zone.height, 12);
  ctx.globalAlpha = look.dark ? 0.085 : 0.065;
  ctx.fillStyle = look.zone_fill;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.lineWidth = 1.25;
  ctx.setLineDash(zone.depth ? [5, 4] : []);
  ctx.strokeStyle = look.zone_line;
  ctx.stroke();
  ctx.font = `600 ${TITLE_FONT}px ${look.font}`;
  ctx.fillStyle = look.muted;
  ctx.textBaseline = "middle";
  ctx.fillText(zone.label, zone.x + 16, zone.y + 19, Math.max(20, zone.width - 28));
  ctx.restore();
}

function paintEdge(ctx, edge, look, state, lit) {
  const quiet = edge.tone === "plain" || edge.tone === "muted";
  const colour = !quiet ? look.tones[edge.tone].line : lit ? look.accent : look.edge;
  ctx.save();
  const far = state.scale < 0.35 && quiet ? 0.6 : 1;
  ctx.globalAlpha = lit ? 1 : (state.picked ? 0.35 : 1) * (edge.tone === "muted" ? 0.75 : 1) * far;
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = (lit ? 2.6 : quiet ? 1.4 : 2) * state.stroke;
  ctx.setLineDash(edge.dashed ? [6, 5] : []);
  ctx.stroke(edge.path);
  const size = (lit ? 10 : 8.5) * state.stroke;
  ctx.setLineDash([]);
  ctx.translate(edge.tip.x, edge.tip.y);
  ctx.rotate(edge.angle);
  ctx.beginPath();
  ctx.moveTo(0.5, 0);
  ctx.lineTo(-size, size * 0.46);
  ctx.lineTo(-size * 0.8, 0);
  ctx.lineTo(-size, -size * 0.46);
  ctx.closePath();
  ctx.fill();
  ctx.restore();
}

function paintEdgeLabel(ctx, edge, spot, look, state, strong = false) {
  ctx.save();
  ctx.beginPath();
  ctx.roundRect(spot.x - spot.half, spot.y - 9, spot.half * 2, 18, 5);
  ctx.fillStyle = look.ground;
  ctx.fill();
  ctx.globalAlpha = state.picked && !strong ? 0.4 : 1;
  ctx.font = `${LABEL_FONT}px ${look.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = strong ? look.text : look.muted;
  ctx.fillText(edge.text, spot.x, spot.y + 0.5, spot.half * 2 - 4);
  ctx.restore();
}

function paintOver(ctx, scene, look, state) {
  if (state.scale < NO_TEXT_BELOW) return;
  scene.edges.forEach((edge) => edge.text && isLit(edge, state) && (edge.spot || state.picked === edge || state.hovered === edge)
    && paintEdgeLabel(ctx, edge, edge.rest, look, state, true));
}

function paintNode(ctx, node, look, state) {
  const tone = look.tones[node.tone], kind = look.kinds[node.kind];
  const picked = state.picked === node, hovered = state.hovered === node;
  ctx.save();
  if (state.scale > 0.4 && !look.dark) {
    ctx.save();
    ctx.translate(0, 1.5);
    ctx.globalAlpha = 0.1;
    ctx.fillStyle = "#1c2733";
    ctx.fill(node.path);
    ctx.restore();
  }
  ctx.fillStyle = tone.fill;
  ctx.fill(node.path);
  ctx.lineJoin = "round";
  if (picked) {
    ctx.strokeStyle = look.accent;
    ctx.globalAlpha = 0.3;
    ctx.lineWidth = 9;
    ctx.stroke(node.path);
    ctx.globalAlpha = 1;
  }
  ctx.strokeStyle = picked || hovered ? look.accent : tone.line;
  const thin = node.tone === "plain" || node.tone === "muted" ? 1.25 : 1.75;
  ctx.lineWidth = (picked ? 2.4 : hovered ? 2 : thin) * state.stroke;
  ctx.stroke(node.path);
  ctx.lineWidth = 1.1;
  ctx.stroke(node.detail);
  paintIcon(ctx, look, kind, node.x - node.w / 2 + 25, node.y + (node.form === "cylinder" ? 3 : 0), 26);
  if (state.scale >= NO_TEXT_BELOW) paintText(ctx, node, tone, look);
  if (node.mark) paintMark(ctx, look, node.mark, node.x + node.w / 2 - 5, node.y - node.h / 2 + 3, 11 * Math.min(2.2, Math.max(1, 0.5 / state.scale)));
  ctx.restore();
}

// A crown for what is at stake, on a ground in the colour of its risk.
function paintMark(ctx, look, band, x, y, r) {
  const ground = look.bands[band] ?? look.edge;
  ctx.save();
  ctx.translate(x, y);
  ctx.beginPath();
  ctx.arc(0, 0, r, 0, 2 * Math.PI);
  ctx.fillStyle = ground.fill; ctx.fill();
  ctx.lineWidth = r / 6; ctx.strokeStyle = look.ground; ctx.stroke();
  const k = r / 11;
  ctx.beginPath();
  for (const [i, [a, b]] of [[-6, 4.5], [-7, -3.5], [-3, 0.2], [0, -5.5], [3, 0.2], [7, -3.5], [6, 4.5]].entries()) {
    if (i) ctx.lineTo(a * k, b * k); else ctx.moveTo(a * k, b * k);
  }
  ctx.closePath();
  ctx.fillStyle = ground.text; ctx.fill();
  ctx.restore();
}

function paintIcon(ctx, look, kind, x, y, size) {
  ctx.save();
  ctx.translate(x - size / 2, y - size / 2);
  ctx.beginPath();
  ctx.roundRect(0, 0, size, size, size * 0.28);
  ctx.fillStyle = kind.colour;
  ctx.fill();
  ctx.translate(size * 0.17, size * 0.17);
  ctx.scale((size * 0.66) / 24, (size * 0.66) / 24);
  ctx.lineWidth = 2.2;
  ctx.lineCap = ctx.lineJoin = "round";
  ctx.strokeStyle = look.icon;
  ctx.stroke(iconPaths.get(kind.icon));
  ctx.restore();
}

function paintText(ctx, node, tone, look) {
  const room = node.w - 46 - 8, left = node.x - node.w / 2 + 45;
  const high = node.lines.length * 18 + (node.caption ? 16 : 0);
  let y = node.y - high / 2 + 9 + (node.form === "cylinder" ? 3 : 0);
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.fillStyle = tone.text;
  ctx.font = `600 ${TITLE_FONT}px ${look.font}`;
  for (const line of node.lines) {
    ctx.fillText(line, left, y, room);
    y += 18;
  }
  if (!node.caption) return;
  ctx.font = `${CAPTION_FONT}px ${look.font}`;
  ctx.globalAlpha = 0.88;
  ctx.fillText(node.caption, left, y - 1, room);
}
