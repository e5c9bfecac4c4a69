"use strict";
// The treemap and the table of ops. Everything that is shown goes through textContent.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// The same rule as format_size in report.py.
function size(bytes) {
  for (const [unit, name] of [[1e6, "MB"], [1e3, "kB"]]) {
    if (bytes >= unit * 0.9995) {
      const value = bytes / unit;
      return `${value.toFixed(value >= 99.95 ? 0 : value >= 9.995 || unit === 1e3 ? 1 : 2)} ${name}`;
    }
  }
  return `${bytes} B`;
}
const percent = (bytes) => `${(100 * bytes / Math.max(data.total, 1)).toFixed(bytes * 100 < data.total ? 2 : 1)} %`;

// ---- The tree: component, directory, file, symbol. A node is {name, title, bytes, up, children}.

function node(up, name, title, bytes = 0) {
  const made = { name, title, up, bytes, children: [], component: up && (up.component || name) };
  if (up) up.children.push(made);
  return made;
}

function buildTree() {
  const root = node(null, "library", "the library");
  const components = new Map();
  const directories = new Map();
  for (const file of data.files) {
    if (!components.has(file.component)) {
      components.set(file.component, node(root, file.component, file.component));
    }
    const component = components.get(file.component);
    const cut = file.path.lastIndexOf("/");
    const directory = file.path.slice(0, Math.max(cut, 0));
    const key = `${file.component}\n${directory}`;
    if (!directories.has(key)) directories.set(key, node(component, directory, directory));
    const leaf = node(directories.get(key), file.path.slice(cut + 1), file.path, file.bytes);
    leaf.file = file;
    file.leaf = leaf;
    let named = 0;
    for (const [name, bytes] of file.symbols) {
      node(leaf, name, name, bytes).symbol = true;
      named += bytes;
    }
    if (leaf.children.length && file.bytes > named) {
      node(leaf, "the rest", `smaller symbols of ${file.path}`, file.bytes - named).symbol = true;
    }
    for (let above = leaf.up; above; above = above.up) above.bytes += file.bytes;
  }
  for (const component of components.values()) {
    // A directory that is alone in its component is no step.
    if (component.children.length === 1) {
      component.children = component.children[0].children;
      for (const child of component.children) child.up = component;
    }
  }
  sort(root);
  const ranked = root.children.filter((one) => !["linker", "toolchain"].includes(one.name));
  ranked.forEach((component, rank) => { component.hue = (250 + 137.5 * rank) % 360; });
  return { root, components };
}
function sort(tree) {
  tree.children.sort((a, b) => b.bytes - a.bytes);
  tree.children.forEach(sort);
}

const { root, components } = buildTree();
let view = root;
let marked = null; // {op?, files: Set of leaves, symbols?: Set of leaves, text}
let cells = [];

// ---- Layout: squarified treemap (Bruls, Huizing, van Wijk, 2000).

function squarify(children, x, y, width, height, place) {
  const rest = children.filter((child) => child.bytes > 0);
  let total = rest.reduce((sum, child) => sum + child.bytes, 0);
  let from = 0;
  while (from < rest.length && width > 0 && height > 0) {
    const side = Math.min(width, height);
    const scale = width * height / total;
    let to = from, sum = 0, worst = Infinity;
    while (to < rest.length) {
      const more = sum + rest[to].bytes;
      const strip = more * scale / side;
      const ratio = Math.max(rest[from].bytes * scale / strip / strip, strip * strip / (rest[to].bytes * scale));
      if (ratio > worst) break;
      [worst, sum, to] = [ratio, more, to + 1];
    }
    const strip = sum * scale / side;
    let along = 0;
    for (; from < to; from++) {
      const part = side * rest[from].bytes / sum;
      if (width >= height) place(rest[from], x, y + along, strip, part);
      else place(rest[from], x + along, y, part, strip);
      along += part;
    }
    if (width >= height) { x += strip; width -= strip; } else { y += strip; height -= strip; }
    total -= sum;
  }
}

const map = $("treemap");
const HEAD = 17, GAP = 2;

function draw(focus, [width, height] = [map.clientWidth, map.clientHeight]) {
  cells = [];
  const made = document.createDocumentFragment();
  const place = (tree, x, y, w, h) => {
    if (w < 1.5 || h < 1.5) return;
    const inside = tree.children.length && !tree.file && w > 26 && h > HEAD + 10;
    const cell = make("button", { className: "cell", tabIndex: -1, type: "button" });
    const hue = components.get(tree.component).hue;
    if (hue === undefined) cell.classList.add("gray");
    cell.style.cssText = `left:${100 * x / width}%;top:${100 * y / height}%;width:${100 * w / width}%;height:${100 * h / height}%;--hue:${(hue || 0).toFixed(0)}`;
    cell.ariaLabel = `${tree.title}, ${size(tree.bytes)}, ${percent(tree.bytes)}`;
    if (w > 30 && h > 15) label(cell, tree, w, h, inside);
    Object.assign(cell, { tree, box: [x, y, w, h] });
    cells.push(cell);
    made.append(cell);
    if (inside) {
      cell.classList.add("frame");
      squarify(tree.children, x + GAP, y + HEAD, w - 2 * GAP, h - HEAD - GAP, place);
    }
  };
  squarify(view.children.length ? view.children : [view], 0, 0, width, height, place);
  map.replaceChildren(made);
  const first = cells.find((cell) => cell.tree === focus) || cells[0];
  if (first) first.tabIndex = 0;
  if (focus && first) first.focus();
  mark();
  crumbs();
  table();
}

function label(cell, tree, w, h, inside) {
  let name = tree.name;
  if (inside && tree.up !== root && view === root) name = name.split("/").slice(-2).join("/");
  cell.append(make("span", { textContent: name }));
  const bytes = size(tree.bytes);
  if (inside || h < 32) {
    if (w > 7 * (name.length + bytes.length) + 24) cell.append(make("span", { className: "of", textContent: bytes }));
  } else if (w > 48) {
    cell.append(make("span", { className: "under", textContent: bytes }));
  }
}

function crumbs() {
  const path = [];
  for (let at = view; at; at = at.up) path.unshift(at);
  const items = path.flatMap((at, depth) => {
    const last = at === view;
    const item = last ? make("span", { textContent: at.name }) : make("button", { textContent: at.name, onclick: () => zoom(at) });
    if (last) item.ariaCurrent = "location";
    return depth ? [make("span", { className: "sep", textContent: "›", ariaHidden: "true" }), item] : [item];
  });
  $("crumbs").replaceChildren(...items, make("span", { className: "note", textContent: `  ${size(view.bytes)}, ${percent(view.bytes)}` }));
}

function table() {
  const rows = (view.children.length ? view.children : [view]).map((child) => make("tr", {},
    make("th", { scope: "row", textContent: child.name }),
    make("td", { className: "number", textContent: size(child.bytes) }),
    make("td", { className: "number", textContent: percent(child.bytes) })));
  $("map-table").replaceChildren(make("table", {}, make("tbody", {}, ...rows)));
}

function zoom(tree, focus) {
  view = tree;
  hideTip();
  draw(focus === undefined ? null : focus || tree.children[0]);
}
const canZoom = (tree) => tree !== view && (tree.children.length > 0);

// ---- Marking: the files of an op, or what a search finds.

function mark() {
  map.classList.toggle("marking", marked !== null);
  const has = (tree) => {
    if (tree.file) return marked.files.has(tree);
    if (tree.symbol) return marked.symbols ? marked.symbols.has(tree) : marked.files.has(tree.up);
    return tree.children.some(has);
  };
  if (marked) {
    for (const { tree, classList } of cells) {
      classList.toggle("marked", !classList.contains("frame") && has(tree));
      classList.toggle("shared", Boolean(marked.op && tree.file && tree.file.users > 1));
    }
  }
  $("marked").replaceChildren(...(marked ? [...marked.text, make("button", { textContent: "clear", onclick: clearMarks })] : []));
}
function markOp(op) {
  const files = op.files.map((number) => data.files[number]);
  const alone = files.filter((file) => file.users === 1);
  const sum = (some) => size(some.reduce((total, file) => total + file.bytes, 0));
  marked = {
    op,
    files: new Set(files.map((file) => file.leaf)),
    text: [make("b", { textContent: op.name }), `: ${files.length} files, ${sum(files)}, ${alone.length ? sum(alone) : "none"} for it alone`],
  };
}
function clearMarks() {
  marked = null;
  $("find").value = "";
  choose(null);
  mark();
}
$("find").addEventListener("input", () => {
  const words = $("find").value.trim().toLowerCase();
  choose(null);
  marked = null;
  if (words) {
    const symbols = new Set();
    const files = new Set();
    let bytes = 0;
    for (const file of data.files) {
      const whole = file.path.toLowerCase().includes(words);
      const found = file.leaf.children.filter((child) => whole || child.name.toLowerCase().includes(words));
      if (whole || found.length) files.add(file.leaf);
      found.forEach((child) => symbols.add(child));
      bytes += whole ? file.bytes : found.reduce((sum, child) => sum + child.bytes, 0);
    }
    marked = { files, symbols, text: [make("b", { textContent: `${files.size} files` }), `, ${size(bytes)} in what matches`] };
  }
  mark();
});

// ---- Pointer and keys.

map.addEventListener("click", (event) => {
  const cell = event.target.closest(".cell");
  if (cell && canZoom(cell.tree)) zoom(cell.tree, event.detail === 0 ? null : undefined);
});
map.addEventListener("keydown", (event) => {
  const cell = event.target.closest(".cell");
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [0, 0];
  if (!cell || !(dx || dy)) return;
  event.preventDefault();
  const next = neighbour(cell, dx, dy);
  if (next) {
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && view.up && event.target.tagName !== "INPUT") {
    zoom(view.up, map.contains(event.target) ? view : undefined);
  }
});
// The nearest cell whose middle lies that way; going off the axis counts double.
function neighbour(from, dx, dy) {
  const middle = ({ tree, box: [x, y, w, h], classList }) => [x + w / 2, classList.contains("frame") ? y + HEAD / 2 : y + h / 2];
  const [x, y] = middle(from);
  let best = null, least = Infinity;
  for (const cell of cells) {
    const [cx, cy] = middle(cell);
    const along = (cx - x) * dx + (cy - y) * dy;
    const off = Math.abs((cx - x) * dy) + Math.abs((cy - y) * dx);
    if (along > 0.5 && off <= 3 * along && along + 2 * off < least) [best, least] = [cell, along + 2 * off];
  }
  return best;
}

const tip = $("tip");
function showTip(cell, x, y) {
  const { tree } = cell;
  const users = tree.file && tree.file.users;
  tip.replaceChildren(
    make("span", { className: "tip-name", textContent: tree.title }),
    `${size(tree.bytes)}, ${percent(tree.bytes)} of the library`,
    tree.file ? `; ${users === 0 ? "framework" : users === 1 ? "one op needs it" : `${users} ops need it`}` : "");
  tip.hidden = false;
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${y + 18 + tip.offsetHeight > innerHeight ? Math.max(4, y - tip.offsetHeight - 12) : y + 18}px`;
}
function hideTip() { tip.hidden = true; }
map.addEventListener("pointermove", (event) => {
  const cell = event.target.closest(".cell");
  if (cell) showTip(cell, event.clientX, event.clientY); else hideTip();
});
map.addEventListener("pointerleave", hideTip);
map.addEventListener("focusin", (event) => {
  if (!event.target.matches(":focus-visible")) return;
  const box = event.target.getBoundingClientRect();
  showTip(event.target, box.left + Math.min(box.width / 2, 80), box.top + 4);
});
map.addEventListener("focusout", hideTip);

// ---- The table of ops.

const body = $("op-table").tBodies[0];
const rows = [...body.rows];

function choose(row) {
  const before = body.querySelector("tr.chosen");
  if (before) {
    before.classList.remove("chosen");
    before.querySelector(".op").ariaExpanded = "false";
    before.nextElementSibling.remove();
  }
  if (!row || row === before) return false;
  row.classList.add("chosen");
  row.querySelector(".op").ariaExpanded = "true";
  row.after(details(data.ops[row.dataset.op]));
  return true;
}
function list(title, items) {
  return items.length ? [make("h3", { textContent: title }), make("ul", {}, ...items.map(([left, right]) => make("li", { className: right.length > 44 ? "wrap" : "" },
    make("span", { textContent: left }), make("span", { textContent: right }))))] : [];
}
function details(op) {
  const files = op.files.map((number) => [data.files[number], number]).sort(([a], [b]) => b.bytes - a.bytes);
  const others = (file, number) => {
    if (file.users === 1) return "alone";
    if (file.users > 3) return `${file.users - 1} other ops`;
    return `with ${data.ops.filter((other) => other !== op && other.files.includes(number)).map((other) => other.name).join(", ")}`;
  };
  return make("tr", { className: "more" }, make("td", { colSpan: 5 },
    ...list("Kernels", op.kernels.map(([name, types]) => [name, types])),
    ...list("Source files", files.map(([file, number]) => [file.path, `${size(file.bytes)}, ${others(file, number)}`])),
    ...list("Because of", op.reasons.map(([rule, model, nodes]) => [`${rule === "node" ? "" : `${rule} `}${model}`, nodes]))));
}
function chooseOp(row) {
  $("find").value = "";
  marked = null;
  if (choose(row)) markOp(data.ops[row.dataset.op]);
  if (marked && view !== root) zoom(root); else mark();
}
body.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-op]");
  if (row && getSelection().isCollapsed) chooseOp(row);
});
for (const pick of document.querySelectorAll(".pick")) {
  pick.addEventListener("click", () => {
    const row = rows.find((one) => data.ops[one.dataset.op].name === pick.dataset.name);
    if (!row) return;
    row.hidden = false;
    if (!row.classList.contains("chosen")) chooseOp(row);
    row.scrollIntoView({ block: "center" });
    row.querySelector(".op").focus({ preventScroll: true });
  });
}
const words = new Map(rows.map((row) => {
  const op = data.ops[row.dataset.op];
  return [row, [op.name, ...op.kernels.flat(), ...op.reasons.flat()].join("\n").toLowerCase()];
}));
$("filter").addEventListener("input", () => {
  const wanted = $("filter").value.trim().toLowerCase();
  clearMarks();
  for (const row of rows) row.hidden = !words.get(row).includes(wanted);
  const left = rows.filter((row) => !row.hidden).length;
  $("count").textContent = wanted ? `${left} of ${rows.length} ops` : "";
});
for (const button of document.querySelectorAll("[data-sort]")) {
  button.addEventListener("click", () => {
    const key = button.dataset.sort, head = button.closest("th");
    const down = head.ariaSort ? head.ariaSort !== "descending" : key !== "name";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.ariaSort = down ? "descending" : "ascending";
    const name = (row) => data.ops[row.dataset.op].name;
    const order = (a, b) => (key === "name" ? name(a).localeCompare(name(b)) : a.dataset[key] - b.dataset[key] || name(b).localeCompare(name(a)));
    choose(null);
    rows.sort((a, b) => (down ? -order(a, b) : order(a, b)));
    body.append(...rows);
  });
}

let waiting = 0;
addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => draw(), 120); });
addEventListener("beforeprint", () => { marked = null; view = root; draw(null, [700, 397]); }); // its size on A4
addEventListener("afterprint", () => draw());
draw();
