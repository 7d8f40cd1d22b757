
/* What each kind of part does with its source: {name, address, text()}. Filled in below. */
const VIEWS = {};

/* The address that the page was opened with, when it is one that may be loaded. */
function requestedAddress() {
  const given = PLAN.parameter && new URLSearchParams(location.search).get(PLAN.parameter);
  if (!given) return null;
  try {
    const address = new URL(given, location.href);
    return ["http:", "https:", "data:"].includes(address.protocol) ? address.href : null;
  } catch {
    return null;
  }
}

/* A source that is fetched once, however many parts are made from it. */
function sourceOf(name, address) {
  let fetched;
  const text = () => (fetched ??= fetch(address).then((response) => {
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.text();
  }));
  return { name, address, text };
}

/* The sources of a file, the wanted one first; its attachment is what the others fall back on. */
function sourcesOf(file) {
  const attached = sourceOf(file, file.split("/").map(encodeURIComponent).join("/"));
  const wanted = file === PLAN.replaceable ? requestedAddress() : null;
  return wanted ? [sourceOf(wanted, wanted), attached] : [attached];
}

function announce(message) {
  const status = document.querySelector("[data-status]");
  status.textContent = message;
  status.hidden = false;
}

async function showFile(file) {
  const parts = PLAN.parts.filter((part) => part.file === file && VIEWS[part.kind]);
  for (const source of sourcesOf(file)) {
    try {
      for (const part of parts) {
        await VIEWS[part.kind](part, document.getElementById(part.id), source);
      }
      return;
    } catch (error) {
      announce(`${source.name} could not be loaded (${error.message}).`);
    }
  }
}

async function showSources() {
  const files = new Set(PLAN.parts.map((part) => part.file).filter(Boolean));
  await Promise.all([...files].map(showFile));
}

VIEWS.sourceName = (part, element, source) => {
  element.textContent = source.name;
};
