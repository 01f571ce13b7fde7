// An editor of plain text. Everything from a model meets a textarea's value or textContent, never markup.
const editors = new WeakMap();
const LINE = 20; // pixels, as in the style sheet
const PAUSE = 400; // milliseconds of quiet before what was typed is told
const PENDING = "graphmodel-typed"; // in the tab's own storage: what was typed and is not known to be kept

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let editor = editors.get(parentElement);
  if (!editor) {
    editor = { version: null, told: null, timer: null, problems: [], lines: 1 };
    build(editor, parentElement);
    editors.set(parentElement, editor);
  }
  editor.tell = (value) => setStateValue("typed", value);
  editor.save = () => setTriggerValue("save", true);
  update(editor, data);
  return () => {
    tell(editor);
    editor.watcher.disconnect();
    window.removeEventListener("pagehide", editor.leave);
    editors.delete(parentElement);
    editor.root.remove();
  };
}

function element(tag, className, parent, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  parent?.append(made);
  return made;
}

function build(editor, parent) {
  const root = (editor.root = element("div", "gm-editor", parent));
  const frame = element("div", "gm-frame", root);
  editor.gutter = element("div", "gm-gutter", frame);
  editor.gutter.setAttribute("aria-hidden", "true");
  editor.numbers = element("div", "gm-numbers", editor.gutter);
  const sheet = element("div", "gm-sheet", frame);
  editor.bands = element("div", "gm-bands", sheet);
  editor.bands.setAttribute("aria-hidden", "true");
  const area = (editor.area = element("textarea", "gm-area", sheet));
  area.wrap = "off";
  area.spellcheck = false;
  for (const name of ["autocomplete", "autocorrect", "autocapitalize"]) area.setAttribute(name, "off");
  const side = element("section", "gm-side", root);
  side.setAttribute("aria-label", "Problems");
  editor.status = element("p", "gm-status", side);
  editor.status.setAttribute("role", "status");
  editor.list = element("ol", "gm-list", side);

  area.addEventListener("input", () => {
    clearTimeout(editor.timer);
    editor.timer = setTimeout(() => tell(editor), area.value.length > 500000 ? 4 * PAUSE : PAUSE);
    remember(editor);
    measure(editor);
    paint(editor);
  });
  area.addEventListener("blur", () => tell(editor));
  area.addEventListener("scroll", () => paint(editor));
  area.addEventListener("keydown", (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      tell(editor);
      editor.save();
    }
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const before = area.value.slice(0, area.selectionStart);
    const indent = /^ */.exec(before.slice(before.lastIndexOf("\n") + 1))[0];
    // By the browser's own command, so that undo knows of it.
    if (indent && document.execCommand("insertText", false, "\n" + indent)) event.preventDefault();
  });
  editor.leave = () => tell(editor);
  window.addEventListener("pagehide", editor.leave);
  root.addEventListener("transitionend", () => dress(editor));
  editor.watcher = new ResizeObserver(() => paint(editor));
  editor.watcher.observe(area);
}

function tell(editor) {
  clearTimeout(editor.timer);
  const text = editor.area.value;
  if (text === editor.told) return;
  editor.told = text;
  editor.tell({ version: editor.version, text });
}

// A page may be left, or the server end, within the pause: the tab then knows more than the draft.
function remember(editor) {
  try {
    sessionStorage.setItem(PENDING, JSON.stringify({ file: editor.data.file, text: editor.area.value }));
  } catch {
    sessionStorage.removeItem(PENDING); // too long for it
  }
}

function remembered(file) {
  try {
    const found = JSON.parse(sessionStorage.getItem(PENDING));
    return found?.file === file && typeof found.text === "string" ? found.text : null;
  } catch {
    return null;
  }
}

function update(editor, data) {
  const { area } = editor;
  const fresh = editor.version === null;
  editor.data = data;
  if (data.version !== editor.version) {
    clearTimeout(editor.timer);
    editor.version = data.version;
    if (area.value !== data.text) {
      area.value = data.text;
      area.scrollTop = 0;
    }
    editor.told = area.value;
    const typed = fresh ? remembered(data.file) : null;
    if (typed !== null && typed !== data.text) {
      area.value = typed;
      tell(editor);
    } else sessionStorage.removeItem(PENDING);
  } else if (area.value === data.text) sessionStorage.removeItem(PENDING);
  area.setAttribute("aria-label", `Text of ${data.name}`);
  measure(editor);
  dress(editor);
  list(editor);
  paint(editor);
}

function measure(editor) {
  const text = editor.area.value;
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  editor.lines = lines;
  // Problems belong to the text that was checked; until the next answer their lines are only about right.
  editor.root.dataset.stale = String(text !== editor.data.text);
  editor.gutter.style.width = `${String(lines).length * 8 + 34}px`;
}

function dress(editor) {
  const ground = getComputedStyle(editor.root).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
  const dark = 0.3 * ground[0] + 0.59 * ground[1] + 0.11 * ground[2] < 128;
  editor.root.dataset.theme = dark ? "dark" : "light";
  for (const [level, tone] of Object.entries(editor.data.palette[dark ? "dark" : "light"]))
    for (const [part, colour] of Object.entries(tone)) editor.root.style.setProperty(`--gm-${level}-${part}`, colour);
}

function list(editor) {
  const { data } = editor;
  if (editor.status.textContent !== data.count) editor.status.textContent = data.count;
  const seen = JSON.stringify(data.problems);
  if (seen === editor.seen) return;
  editor.seen = seen;
  editor.worst = new Map();
  const order = ["note", "warning", "error"];
  const items = data.problems.map((problem) => {
    const item = element("li");
    const holder = element(problem.line ? "button" : "div", `gm-problem gm-${problem.level}`, item);
    if (problem.line) {
      holder.type = "button";
      holder.addEventListener("click", () => go(editor, problem.line));
      const known = editor.worst.get(problem.line);
      if (order.indexOf(problem.level) > order.indexOf(known)) editor.worst.set(problem.line, problem.level);
    }
    const head = element("span", "gm-head", holder);
    element("b", "", head, problem.word);
    if (problem.line) element("span", "", head, ` · line ${problem.line}`);
    if (problem.where) element("span", "gm-where", head, ` · ${problem.where}`);
    element("span", "gm-message", holder, problem.message);
    if (problem.fix) element("span", "gm-fix", holder, problem.fix);
    return item;
  });
  if (data.more) items.push(element("li", "", null, `and ${data.more} more`));
  editor.list.replaceChildren(...items);
}

function go(editor, line) {
  const { area } = editor;
  let start = 0;
  for (let number = 1; number < line; number += 1) {
    const next = area.value.indexOf("\n", start);
    if (next < 0) break;
    start = next + 1;
  }
  const end = area.value.indexOf("\n", start);
  area.focus({ preventScroll: true });
  area.setSelectionRange(start, end < 0 ? area.value.length : end);
  area.scrollTop = Math.max(0, (line - 5) * LINE);
  area.scrollLeft = 0;
  const box = area.getBoundingClientRect();
  if (box.top < 0 || box.bottom > innerHeight) area.scrollIntoView({ block: "center" });
  paint(editor);
}

// Only the lines in view are drawn: a document may have hundreds of thousands.
function paint(editor) {
  const { area } = editor;
  const first = Math.floor(area.scrollTop / LINE);
  const last = Math.min(editor.lines, first + Math.ceil(area.clientHeight / LINE) + 1);
  const offset = 8 - area.scrollTop;
  const numbers = [];
  const bands = [];
  for (let line = first + 1; line <= last; line += 1) {
    const level = editor.worst?.get(line);
    const number = element("div", level ? `gm-number gm-${level}` : "gm-number");
    number.style.top = `${offset + (line - 1) * LINE}px`;
    if (level) element("span", "gm-sign", number, level === "note" ? "i" : level === "warning" ? "!" : "✕");
    element("span", "", number, String(line));
    numbers.push(number);
    if (level) {
      const band = element("div", `gm-band gm-${level}`);
      band.style.top = `${offset + (line - 1) * LINE}px`;
      bands.push(band);
    }
  }
  editor.numbers.replaceChildren(...numbers);
  editor.bands.replaceChildren(...bands);
}
