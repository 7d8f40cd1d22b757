
/* Rows of cells out of CSV text: quotes, doubled quotes and line breaks in cells included. */
function parseCsv(text) {
  const head = text.split("\n", 1)[0];
  const count = (mark) => head.split(mark).length;
  const delimiter = [",", ";", "\t", "|"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
  const rows = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const mark = text[at];
    const row = rows.at(-1);
    if (quoted && mark === '"' && text[at + 1] === '"') row[row.length - 1] += text[(at += 1)];
    else if (mark === '"' && (quoted || row.at(-1) === "")) quoted = !quoted;
    else if (quoted) row[row.length - 1] += mark;
    else if (mark === delimiter) row.push("");
    else if (mark === "\n") rows.push([""]);
    else if (mark !== "\r") row[row.length - 1] += mark;
  }
  return rows.filter((row) => row.some((cell) => cell.trim()));
}

/* Columns and rows out of CSV, or out of JSON that holds a list of flat objects. */
function parseTable(text, file) {
  if (!file.toLowerCase().endsWith(".json")) {
    const [head = [], ...rows] = parseCsv(text);
    return { columns: head.map((name) => name.trim()), rows };
  }
  const value = JSON.parse(text);
  const records = Array.isArray(value) ? value : Object.values(value).find(Array.isArray);
  const columns = [...new Set(records.flatMap(Object.keys))];
  const shown = (item) => (item === null || item === undefined ? "" : String(item));
  return { columns, rows: records.map((record) => columns.map((name) => shown(record[name]))) };
}

function toNumber(cell = "") {
  let text = cell.replace(/[\s$€£¥₹%_]/g, "");
  if (/^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) text = text.replaceAll(",", "");
  else if (/^[-+]?\d{1,3}(\.\d{3})+,\d+$/.test(text)) text = text.replaceAll(".", "").replace(",", ".");
  else if (/^[-+]?\d+,\d+$/.test(text)) text = text.replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,2})?$/i.test(text) ? { value: Number(text), text } : null;
}

function decimalsOf(numbers) {
  const places = numbers.map(({ text }) => (text.split(/e/i)[0].split(".")[1] ?? "").length);
  return Math.min(6, Math.max(0, ...places));
}

const OVER = {
  sum: (values) => values.reduce((total, value) => total + value, 0),
  mean: (values) => OVER.sum(values) / values.length,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  median: (values) => {
    const sorted = values.toSorted((one, other) => one - other);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  },
};

function numbersOf({ columns, rows }, column) {
  const index = columns.indexOf(column);
  return rows.map((row) => toNumber(row[index])).filter(Boolean);
}

/* Decimal places: as the brief asks, else those of the column, at least two for a mean. */
function placesOf(part, table) {
  if (part.digits !== null) return part.digits;
  const places = decimalsOf(numbersOf(table, part.column));
  return ["mean", "median"].includes(part.operation) ? Math.max(places, 2) : places;
}

/* One figure as a bare number: no currency sign, and separators only where asked for. */
function figureOf(part, table, places = placesOf(part, table)) {
  if (part.operation === "count") return String(table.rows.length);
  const index = table.columns.indexOf(part.column);
  if (part.operation === "distinct") {
    return String(new Set(table.rows.map((row) => row[index].trim()).filter(Boolean)).size);
  }
  const values = numbersOf(table, part.column).map(({ value }) => value);
  if (!values.length) return part.operation === "sum" ? "0" : "";
  return OVER[part.operation](values).toFixed(places);
}

function groupsOf(part, table) {
  const index = table.columns.indexOf(part.by);
  const groups = Map.groupBy
    ? Map.groupBy(table.rows, (row) => row[index])
    : table.rows.reduce((map, row) => map.set(row[index], [...(map.get(row[index]) ?? []), row]), new Map());
  const places = part.column === null ? 0 : placesOf(part, table);
  return [...groups].map(([name, rows]) => ({ name, text: figureOf(part, { ...table, rows }, places) }));
}

/* The rows that the page's filters let through. */
function filtered({ columns, rows }, file) {
  const filters = PLAN.parts
    .filter((part) => part.kind === "filter" && part.file === file)
    .map((part) => ({ index: columns.indexOf(part.column), wanted: document.getElementById(part.id).value }))
    .filter(({ wanted }) => wanted);
  return { columns, rows: rows.filter((row) => filters.every(({ index, wanted }) => row[index] === wanted)) };
}

async function tableOf(part, source) {
  const table = parseTable(await source.text(), part.file);
  for (const column of [part.column, part.by, part.wanted]) {
    if (column && !table.columns.includes(column)) throw new Error(`it has no column ${column}`);
  }
  return filtered(table, part.file);
}

function make(tag, text, properties = {}) {
  return Object.assign(document.createElement(tag), { textContent: text }, properties);
}

/* Put the choice of each filter of this file on an element: data-region="East". */
function markChoice(element, file) {
  for (const part of PLAN.parts) {
    if (part.kind === "filter" && part.file === file) {
      const name = part.column.toLowerCase().replace(/[^a-z0-9]+/g, "-");
      element.setAttribute(`data-${name}`, document.getElementById(part.id).value || "all");
    }
  }
}

VIEWS.figure = async (part, element, source) => {
  const text = figureOf(part, await tableOf(part, source));
  element.textContent = part.separated
    ? Number(text).toLocaleString("en-US", { minimumFractionDigits: (text.split(".")[1] ?? "").length })
    : text;
  markChoice(element, part.file);
};

VIEWS.extreme = async (part, element, source) => {
  const { columns, rows } = await tableOf(part, source);
  const value = (row) => toNumber(row[columns.indexOf(part.column)])?.value;
  const better = part.operation === "min" ? (a, b) => a < b : (a, b) => a > b;
  const best = rows
    .filter((row) => value(row) !== undefined)
    .reduce((kept, row) => (kept && !better(value(row), value(kept)) ? kept : row), null);
  element.textContent = best ? best[columns.indexOf(part.wanted)] : "";
};

VIEWS.rows = async (part, element, source) => {
  const { columns, rows } = await tableOf(part, source);
  if (part.form === "list") {
    const lines = rows.slice(0, part.limit).map((row) => make("li", row.join(" · ")));
    element.replaceChildren(...lines);
    return;
  }
  const table = element.closest("table") ?? element.querySelector("table");
  const heads = [...table.tHead.rows[0].cells];
  const isNumber = columns.map((name, index) => heads[index]?.className ?? "");
  table.tHead.rows[0].replaceChildren(
    ...columns.map((name, index) => make("th", name, { scope: "col", className: isNumber[index] })),
  );
  table.tBodies[0].replaceChildren(...rows.slice(0, part.limit).map((row) => {
    const line = make("tr", "");
    line.append(...columns.map((_, index) => make("td", row[index] ?? "", { className: isNumber[index] })));
    return line;
  }));
};

VIEWS.groups = async (part, element, source) => {
  const groups = groupsOf(part, await tableOf(part, source));
  if (part.form === "canvas") {
    drawChart(part, element, groups);
    return;
  }
  const table = element.closest("table") ?? element.querySelector("table");
  const holder = part.form === "table" ? table.tBodies[0] : element;
  const greatest = Math.max(0, ...groups.map(({ text }) => Number(text))) || 1;
  holder.replaceChildren(...groups.map((group) => groupElement(part, group, greatest)));
};

const GROUP_TAGS = { table: ["tr", "td", "td"], list: ["li", "span", "span"], bars: ["div", "span", "span"] };

function groupElement(part, { name, text }, greatest) {
  const [tag, nameTag, figureTag] = GROUP_TAGS[part.form];
  const item = make(tag, "", { className: part.item_class });
  item.setAttribute(`data-${part.attribute}`, text);
  const inTable = part.form === "table";
  item.append(
    make(nameTag, name, { className: inTable ? "" : "group-name" }),
    " ",
    make(figureTag, text, { className: inTable ? "number" : "group-figure" }),
  );
  if (part.form === "bars") {
    item.setAttribute("role", "listitem");
    item.style.setProperty("--share", `${Math.max(0, Math.round((100 * Number(text)) / greatest))}%`);
  }
  return item;
}

function drawChart(part, canvas, groups) {
  if (!window.Chart) return;
  window.Chart.getChart(canvas)?.destroy();
  const css = getComputedStyle(document.documentElement);
  new window.Chart(canvas, {
    type: part.chart,
    data: {
      labels: groups.map(({ name }) => name),
      datasets: [{
        label: part.label,
        data: groups.map(({ text }) => Number(text)),
        backgroundColor: ["pie", "doughnut"].includes(part.chart) ? undefined : css.getPropertyValue("--accent"),
      }],
    },
    options: { maintainAspectRatio: false, animation: false, color: css.getPropertyValue("--ink") },
  });
}

VIEWS.filter = (part, select) => {
  select.onchange = () => showFile(part.file);
};
