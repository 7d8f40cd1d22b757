
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
function sourceOf(name, address, encoding = "utf-8") {
  let fetched;
  const text = () => (fetched ??= fetch(address).then(async (response) => {
    if (!response.ok) throw new Error(`status ${response.status}`);
    return new TextDecoder(encoding).decode(await response.arrayBuffer());
  }));
  return { name, address, text };
}

/* The sources of a file, the wanted one first; its attachment is what the others fall back on. */
function sourcesOf(file) {
  const address = file.split("/").map(encodeURIComponent).join("/");
  const attached = sourceOf(file, address, PLAN.encodings[file]);
  const wanted = file === PLAN.replaceable ? requestedAddress() : null;
  return wanted ? [{ ...sourceOf(wanted, wanted), isOther: true }, attached] : [attached];
}

function announce(message) {
  const status = document.querySelector("[data-status]");
  status.textContent = message;
  status.hidden = false;
}

let showsOther = false;

/* What is told of the attachment says nothing about another source in its place. */
const isTrue = (part) => !(showsOther && PLAN.bound.includes(part.id));

async function showFile(file) {
  const parts = PLAN.parts.filter((part) => part.file === file && VIEWS[part.kind] && isTrue(part));
  for (const source of sourcesOf(file)) {
    try {
      for (const part of parts) {
        await VIEWS[part.kind](part, document.getElementById(part.id), source);
      }
      showsOther ||= Boolean(source.isOther);
      return;
    } catch (error) {
      announce(PLAN.failure ?? `${source.name} could not be loaded (${error.message}).`);
    }
  }
}

async function showSources() {
  const files = new Set(PLAN.parts.map((part) => part.file).filter(Boolean));
  if (PLAN.bound.length && requestedAddress()) {
    PLAN.bound.forEach((id) => document.getElementById(id).replaceChildren());
    await showFile(PLAN.replaceable);
    files.delete(PLAN.replaceable);
  }
  await Promise.all([...files].map(showFile));
}

VIEWS.sourceName = (part, element, source) => {
  element.textContent = source.name;
};
