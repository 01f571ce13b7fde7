// One view for each place in the page. Streamlit calls the default function again after every run
// and change of theme; the view of that place is then brought up to date, not built again.

const views = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = { emit: null, network: null, picked: null, hovered: null, asked: undefined, auto: true };
    buildPage(view, parentElement);
    views.set(parentElement, view);
  }
  view.emit = (value) => setTriggerValue("picked", value);
  view.latest = data;
  whenLoaded(view, () => update(view, view.latest));
  return () => close(view, parentElement);
}

function whenLoaded(view, act) {
  const loaded = globalThis[Symbol.for("graphmodel.vis")];
  if (view.closed) return;
  if (loaded) {
    view.vis = loaded;
    act();
  } else {
    globalThis.addEventListener("graphmodel-vis", () => whenLoaded(view, act), { once: true });
  }
}

function close(view, place) {
  view.closed = true;
  views.delete(place);
  view.network?.destroy();
  view.root.remove();
}

function element(tag, className, parent, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  parent?.append(made);
  return made;
}

function buildPage(view, parent) {
  const root = (view.root = element("div", "gm-view", parent));
  view.stage = element("div", "gm-stage", root);
  view.stage.tabIndex = 0;
  view.stage.setAttribute("role", "application");
  view.canvasHolder = element("div", "gm-canvas", view.stage);
  view.map = element("canvas", "gm-map", view.stage);
  view.map.setAttribute("aria-hidden", "true");
  view.hint = element("div", "gm-hint", view.stage, "Click the drawing, or hold Ctrl, to zoom with the wheel");
  const bar = element("div", "gm-bar", view.stage);
  const button = (text, label, act) => {
    const made = element("button", "", bar, text);
    made.type = "button";
    made.title = label;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
  };
  button("+", "Zoom in", () => zoomBy(view, 1.3));
  button("−", "Zoom out", () => zoomBy(view, 1 / 1.3));
  button("Fit", "Fit: show all (key 0)", () => showAll(view));
  button("PNG", "PNG: save as picture", () => savePicture(view));
  view.said = element("div", "gm-said", root);
  view.said.setAttribute("aria-live", "polite");
  view.tip = element("div", "gm-tip", root);
  view.tip.setAttribute("role", "tooltip");
  view.legend = element("div", "gm-legend", root);
  listen(view);
}

function showAll(view) {
  view.auto = false;
  moveTo(view, fitView(sizeOf(view), view.scene.bounds), true);
}

function listen(view) {
  const stage = view.stage;
  stage.addEventListener("keydown", (event) => {
    const act = {
      "+": () => zoomBy(view, 1.3), "=": () => zoomBy(view, 1.3),
      "-": () => zoomBy(view, 1 / 1.3), "_": () => zoomBy(view, 1 / 1.3), "0": () => showAll(view),
      ArrowLeft: () => arrow(view, event, -1, 0), ArrowRight: () => arrow(view, event, 1, 0),
      ArrowUp: () => arrow(view, event, 0, -1), ArrowDown: () => arrow(view, event, 0, 1),
      Enter: () => view.cursor && pick(view, view.cursor), " ": () => view.cursor && pick(view, view.cursor),
      Escape: () => { walkTo(view, null); pick(view, null); },
    }[event.key];
    // The buttons inside have their own Enter.
    if (event.target !== stage && (event.key === "Enter" || event.key === " ")) return;
    if (!act || event.ctrlKey || event.metaKey || event.altKey || !view.network) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  // A drawing in the middle of a page must not swallow the wheel of whoever scrolls past it.
  stage.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey || view.active) return;
    event.stopPropagation();
    view.hint.classList.add("gm-shown");
    clearTimeout(view.hintTimer);
    view.hintTimer = setTimeout(() => view.hint.classList.remove("gm-shown"), 1200);
  }, { capture: true, passive: true });
  stage.addEventListener("pointerdown", () => { view.active = true; stage.focus({ preventScroll: true }); });
  stage.addEventListener("blur", () => { view.active = false; walkTo(view, null); });
  stage.addEventListener("pointerleave", () => { view.active = false; hover(view, null); });
  view.canvasHolder.addEventListener("pointermove", (event) => {
    if (!view.network || event.buttons) return hover(view, null);
    const frame = stage.getBoundingClientRect();
    const dom = { x: event.clientX - frame.left, y: event.clientY - frame.top };
    return hover(view, itemAt(view, view.network.DOMtoCanvas(dom)), dom);
  });
  view.map.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    const b = view.scene.bounds, frame = view.map.getBoundingClientRect();
    const share = { x: (event.clientX - frame.left) / frame.width, y: (event.clientY - frame.top) / frame.height };
    view.auto = false;
    moveTo(view, { ...here(view), x: b.l + share.x * (b.r - b.l), y: b.t + share.y * (b.b - b.t) });
  });
  // Colours of the theme are transitions of no length, so that a change of theme is an event.
  view.root.addEventListener("transitionend", () => { readLook(view); view.network?.redraw(); });
}

// Arrows go from node to node; with Shift they move the drawing.
function arrow(view, event, dx, dy) {
  if (event.shiftKey) return panBy(view, 80 * dx, 80 * dy);
  return walkTo(view, neighbour(view, dx, dy));
}

// The nearest node in a direction; what lies straight ahead is nearer than what lies aside.
function neighbour(view, dx, dy) {
  const from = view.cursor ?? (view.picked?.lines ? view.picked : null), { nodes } = view.scene;
  const cost = (n) => {
    if (!from) return n.x + n.y / 1000;
    const ahead = (n.x - from.x) * dx + (n.y - from.y) * dy, aside = Math.abs((n.x - from.x) * dy) + Math.abs((n.y - from.y) * dx);
    return n === from || ahead <= 1 ? Infinity : ahead + 2.5 * aside;
  };
  let best = from, least = Infinity;
  for (const n of nodes) {
    const c = cost(n);
    if (c < least) [best, least] = [n, c];
  }
  return best;
}

// Put the cursor of the keyboard on a node: bring it into view, show what the pointer would show, and say it.
function walkTo(view, node) {
  if (!view.network || (!node && !view.cursor)) return;
  view.cursor = node;
  if (!node) { hover(view, null); view.said.textContent = ""; return; }
  const place = aim(view), size = sizeOf(view);
  const room = { x: size.w / 2 / place.scale - node.w / 2 - 12, y: size.h / 2 / place.scale - node.h / 2 - 12 };
  const into = (at, mid, most) => Math.min(Math.max(mid, at - Math.max(0, most)), at + Math.max(0, most));
  const goal = { scale: place.scale, x: into(node.x, place.x, room.x), y: into(node.y, place.y, room.y) };
  if (goal.x !== place.x || goal.y !== place.y) { view.auto = false; moveTo(view, goal); }
  const dom = { x: size.w / 2 + (node.x - goal.x) * goal.scale, y: size.h / 2 + (node.y + node.h / 2 - goal.y) * goal.scale };
  hover(view, node, dom);
  const number = view.scene.nodes.indexOf(node) + 1;
  view.said.textContent = [node.tip[0], node.caption, node.mark && `at stake, ${node.mark} risk`, node.tip[1], `${number} of ${view.scene.nodes.length}`]
    .filter(Boolean).join(". ");
}

function itemAt(view, p) {
  const { nodes, edges } = view.scene;
  for (let i = nodes.length - 1; i >= 0; i--) {
    const n = nodes[i];
    if (Math.abs(p.x - n.x) <= n.w / 2 && Math.abs(p.y - n.y) <= n.h / 2) return n;
  }
  const probe = (view.probe ??= document.createElement("canvas").getContext("2d")), reach = 7 / view.network.getScale();
  probe.lineWidth = 2 * reach;
  for (const e of edges) {
    const out = p.x < e.box.l - reach || p.x > e.box.r + reach || p.y < e.box.t - reach || p.y > e.box.b + reach;
    if (!out && probe.isPointInStroke(e.path, p.x, p.y)) return e;
  }
  return null;
}

function hover(view, item, dom) {
  if (item !== view.hovered) {
    view.hovered = item;
    view.network?.redraw();
    view.tip.replaceChildren();
    view.stage.style.cursor = item ? "pointer" : "";
    if (item?.tip[0]) element("strong", "", view.tip, item.tip[0]);
    if (item?.tip[1]) element("span", "", view.tip, item.tip[1]);
    view.tip.classList.toggle("gm-shown", view.tip.childElementCount > 0);
  }
  if (!item || !dom) return;
  const right = dom.x + 18 + view.tip.offsetWidth < view.stage.clientWidth;
  const below = dom.y + 18 + view.tip.offsetHeight < view.stage.clientHeight;
  view.tip.style.left = `${right ? dom.x + 16 : Math.max(4, dom.x - view.tip.offsetWidth - 12)}px`;
  view.tip.style.top = `${below ? dom.y + 16 : Math.max(4, dom.y - view.tip.offsetHeight - 12)}px`;
}

function pick(view, item) {
  if (!item && !view.picked) return;
  view.picked = item;
  view.network.redraw();
  view.emit(item ? item.key : "");
}

function readLook(view) {
  const style = getComputedStyle(view.root);
  const ground = style.backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
  const dark = 0.3 * ground[0] + 0.59 * ground[1] + 0.11 * ground[2] < 128;
  view.look = {
    ...view.latest.palette[dark ? "dark" : "light"],
    dark,
    ground: style.backgroundColor,
    font: style.fontFamily || "sans-serif",
  };
  view.root.dataset.theme = dark ? "dark" : "light";
  paintLegend(view);
}

function paintLegend(view) {
  view.legend.replaceChildren();
  for (const entry of view.latest.legend) {
    const item = element("span", "gm-entry", view.legend), canvas = element("canvas", "", item), ratio = devicePixelRatio || 1;
    canvas.width = canvas.height = 18 * ratio;
    const ctx = canvas.getContext("2d");
    ctx.scale(ratio, ratio);
    if (entry.mark) paintMark(ctx, view.look, entry.mark, 9, 9, 8);
    else if (entry.kind) paintIcon(ctx, view.look, view.look.kinds[entry.kind], 9, 9, 18);
    else {
      const tone = view.look.tones[entry.tone];
      ctx.beginPath();
      ctx.roundRect(1.5, 3.5, 15, 11, 3);
      ctx.fillStyle = tone.fill; ctx.fill();
      ctx.lineWidth = 1.75; ctx.strokeStyle = tone.line; ctx.stroke();
    }
    element("span", "", item, entry.label);
  }
}

function update(view, data) {
  const changed = data.digest !== view.digest, moved = data.shape !== view.shape;
  view.root.style.height = `${data.height}px`;
  readLook(view);
  if (changed || !view.network) {
    const picked = view.picked?.key, before = view.scene;
    view.scene = buildScene(data);
    const place = view.network && (!moved || stays(view, before)) ? here(view) : null;
    view.hovered = view.cursor = null;
    view.picked = [...view.scene.nodes, ...view.scene.edges].find((item) => item.key === picked) ?? null;
    fill(view, data);
    view.digest = data.digest;
    view.shape = data.shape;
    if (place) moveTo(view, place);
    else { view.auto = true; moveTo(view, firstView(sizeOf(view), view.scene, view.picked)); }
  }
  if (data.selected !== view.asked) {
    view.asked = data.selected;
    view.picked = [...view.scene.nodes, ...view.scene.edges].find((item) => item.key === data.selected) ?? null;
  }
  const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
  view.stage.setAttribute("aria-label", `${data.name}: ${count(data.nodes.length, "node")}, ${count(data.edges.length, "edge")}. `
    + "Arrow keys go from node to node, Enter selects; plus and minus zoom, Shift and arrows move, 0 shows all.");
  view.network.redraw();
}

// Whether what was drawn still stands where it stood, and what is new beside it can be seen from here, or
// somebody chose this place to look from.
function stays(view, before) {
  const { nodes, focus } = view.scene, now = new Map(nodes.map((n) => [n.key, n]));
  const kept = before.nodes.filter((n) => now.has(n.key));
  if (focus !== before.focus || 2 * kept.length < Math.min(nodes.length, before.nodes.length)) return false;
  if (kept.some((n) => n.x !== now.get(n.key).x || n.y !== now.get(n.key).y)) return false;
  const place = here(view), size = sizeOf(view);
  const seen = (n) => Math.abs(n.x - place.x) + n.w / 2 <= size.w / 2 / place.scale && Math.abs(n.y - place.y) + n.h / 2 <= size.h / 2 / place.scale;
  return !view.auto || nodes.every(seen);
}

function fill(view, data) {
  const draws = (node) => ({ ctx }) => ({
    drawNode: () => paintNode(ctx, node, view.look, view.state),
    nodeDimensions: { width: node.w, height: node.h },
  });
  const content = {
    nodes: new view.vis.DataSet(view.scene.nodes.map((n) => ({ id: n.id, x: n.x, y: n.y, size: n.size, shape: "custom", ctxRenderer: draws(n) }))),
    // The lines follow routes that vis-network cannot draw; it keeps them as data and we paint them.
    edges: new view.vis.DataSet(data.edges.map((e) => ({ id: e.id, from: e.from, to: e.to, hidden: true }))),
  };
  if (view.network) return view.network.setData(content);
  view.state = {};
  view.network = new view.vis.Network(view.canvasHolder, content, {
    physics: false,
    layout: { improvedLayout: false },
    edges: { smooth: false },
    interaction: { dragNodes: false, selectable: false, hover: false, zoomSpeed: 0.7, tooltipDelay: 1e9 },
  });
  view.network.on("beforeDrawing", (ctx) => {
    const scale = view.network.getScale();
    // Far away, lines keep a visible width.
    Object.assign(view.state, { scale, stroke: Math.max(1, 0.4 / scale), picked: view.picked, hovered: view.hovered });
    paintGround(ctx, view.scene, view.look, view.state);
  });
  view.network.on("afterDrawing", (ctx) => { 
    paintOver(ctx, view.scene, view.look, view.state);
    paintMap(view);
    const { x, y, scale } = here(view);
    view.stage.dataset.view = [x, y, scale].map((value) => value.toFixed(3)).join(" ");
    view.stage.dataset.picked = view.picked?.key ?? "";
  });
  view.network.on("click", ({ pointer }) => pick(view, itemAt(view, pointer.canvas)));
  view.network.on("dragStart", () => { view.auto = false; });
  view.network.on("zoom", ({ scale }) => {
    view.auto = false;
    if (scale < 0.03 || scale > 4) moveTo(view, { ...here(view), scale: Math.min(4, Math.max(0.03, scale)) });
  });
  view.network.on("resize", () => hover(view, null));
  view.network.on("resize", () => view.auto && moveTo(view, firstView(sizeOf(view), view.scene, view.picked)));
}
