// What part of the drawing is seen: first view, fit, zoom, small map, picture to save.

const READABLE = 0.6, JUST_READABLE = 0.52, BEGIN = 0.85, LARGEST = 1.2, EDGE = 26, BAR = 24; // room for the buttons above

function fitView(size, bounds, most = LARGEST) {
  const w = bounds.r - bounds.l + 2 * EDGE, h = bounds.b - bounds.t + 2 * EDGE + BAR;
  const scale = Math.max(0.02, Math.min(size.w / w, size.h / h, most));
  return { scale, x: (bounds.l + bounds.r) / 2, y: (bounds.t - BAR + bounds.b) / 2 };
}

// All of it where the text stays readable, otherwise its beginning at a readable size. Where a drawing has a
// goal, that is the point of it (but for one that is to be seen as a whole): it is seen, in the whole if that can just be read, else at its end.
function firstView(size, scene, picked) {
  const whole = fitView(size, scene.bounds), goal = scene.nodes.find((n) => n.key === scene.focus) ?? (picked?.lines && picked);
  if (scene.whole || whole.scale >= (goal ? JUST_READABLE : READABLE)) return whole;
  if (goal) {
    const b = scene.bounds, halfW = size.w / 2 / BEGIN, halfH = size.h / 2 / BEGIN;
    const clamp = (at, least, most) => (least > most ? (least + most) / 2 : Math.min(most, Math.max(least, at)));
    return {
      scale: BEGIN,
      x: clamp(goal.x, b.l - EDGE + halfW, b.r + EDGE - halfW),
      y: clamp(goal.y, b.t - EDGE + halfH, b.b + EDGE - halfH),
    };
  }
  const b = scene.bounds, halfW = size.w / 2 / BEGIN, halfH = size.h / 2 / BEGIN;
  const wide = b.r - b.l + 2 * EDGE > 2 * halfW, high = b.b - b.t + 2 * EDGE > 2 * halfH;
  const firsts = scene.nodes.filter((n) => n.x - n.w / 2 < b.l + 240);
  const level = firsts.length ? firsts.reduce((sum, n) => sum + n.y, 0) / firsts.length : whole.y;
  const clampY = Math.min(b.b + EDGE - halfH, Math.max(b.t - EDGE + halfH, level));
  return { scale: BEGIN, x: wide ? b.l - EDGE + halfW : whole.x, y: high ? clampY : whole.y };
}

function moveTo(view, place, animate = false) {
  view.goal = { place: { x: place.x, y: place.y, scale: place.scale }, until: animate ? performance.now() + 220 : 0 };
  view.network.moveTo({
    position: { x: place.x, y: place.y },
    scale: place.scale,
    animation: animate && !matchMedia("(prefers-reduced-motion: reduce)").matches
      ? { duration: 180, easingFunction: "easeInOutQuad" }
      : false,
  });
}

function here(view) {
  return { ...view.network.getViewPosition(), scale: view.network.getScale() };
}

// Where the view is going while it still moves there, so that keys pressed quickly add up.
function aim(view) {
  return performance.now() < view.goal?.until ? view.goal.place : here(view);
}

function zoomBy(view, factor) {
  const place = aim(view);
  view.auto = false;
  moveTo(view, { ...place, scale: Math.min(4, Math.max(0.03, place.scale * factor)) }, true);
}

function panBy(view, dx, dy) {
  const place = aim(view);
  view.auto = false;
  moveTo(view, { ...place, x: place.x + dx / place.scale, y: place.y + dy / place.scale });
}

function sizeOf(view) {
  return { w: view.stage.clientWidth, h: view.stage.clientHeight };
}

function paintMap(view) {
  const { map, scene, look } = view, size = sizeOf(view), place = here(view), b = scene.bounds;
  const seen = { w: size.w / place.scale, h: size.h / place.scale };
  const all = seen.w >= b.r - b.l && seen.h >= b.b - b.t;
  map.style.display = all ? "none" : "block";
  if (all || !size.w) return;
  const w = b.r - b.l, h = b.b - b.t, k = Math.min(170 / w, 110 / h), ratio = devicePixelRatio || 1;
  const wide = Math.max(24, w * k), high = Math.max(16, h * k);
  map.width = wide * ratio; map.height = high * ratio;
  map.style.width = `${wide}px`; map.style.height = `${high}px`;
  const ctx = map.getContext("2d");
  ctx.scale(ratio * k, ratio * k);
  ctx.translate(-b.l, -b.t);
  for (const zone of scene.zones) {
    ctx.globalAlpha = 0.14;
    ctx.fillStyle = look.zone_fill;
    ctx.fillRect(zone.x, zone.y, zone.width, zone.height);
  }
  ctx.globalAlpha = 0.85;
  for (const node of scene.nodes) {
    ctx.fillStyle = node.tone === "plain" || node.tone === "muted" ? look.edge : look.tones[node.tone].line;
    ctx.fillRect(node.x - node.w / 2, node.y - node.h / 2, node.w, node.h);
  }
  ctx.globalAlpha = 1;
  ctx.strokeStyle = look.accent;
  ctx.lineWidth = 1.6 / k;
  const inset = ctx.lineWidth / 2;
  const l = Math.max(b.l + inset, place.x - seen.w / 2), r = Math.min(b.r - inset, place.x + seen.w / 2);
  const t = Math.max(b.t + inset, place.y - seen.h / 2), bottom = Math.min(b.b - inset, place.y + seen.h / 2);
  ctx.strokeRect(l, t, r - l, bottom - t);
}

// The whole drawing as a PNG file, twice as sharp as on screen where the size allows.
function savePicture(view) {
  const b = view.scene.bounds, w = b.r - b.l + 2 * EDGE, h = b.b - b.t + 2 * EDGE;
  const k = Math.min(2, 12000 / w, 12000 / h), canvas = document.createElement("canvas");
  canvas.width = Math.round(w * k); canvas.height = Math.round(h * k);
  const ctx = canvas.getContext("2d"), state = { scale: 1, stroke: 1, picked: null, hovered: null };
  ctx.fillStyle = view.look.ground;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.scale(k, k);
  ctx.translate(EDGE - b.l, EDGE - b.t);
  paintGround(ctx, view.scene, view.look, state);
  view.scene.nodes.forEach((node) => paintNode(ctx, node, view.look, state));
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = "graph.png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
}
