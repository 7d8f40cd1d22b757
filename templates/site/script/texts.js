
/* The nodes of rendered Markdown; links of the attachment that lead to no file are text. */
function rendered(text, isAttached) {
  const clean = window.DOMPurify.sanitize(window.marked.parse(text));
  const { body } = new DOMParser().parseFromString(clean, "text/html");
  for (const node of isAttached ? body.querySelectorAll("a[href], img[src]") : []) {
    const isDead = PLAN.dead.includes(node.getAttribute("href") ?? node.getAttribute("src"));
    if (isDead) node.replaceWith(...(node.matches("img") ? [node.alt] : node.childNodes));
  }
  return body.childNodes;
}

/* Markdown as HTML, cleaned of what could run. Without the libraries the page stays as built. */
VIEWS.markdown = async (part, element, source) => {
  const text = await source.text();
  const canRender = window.marked && window.DOMPurify;
  if (canRender) element.replaceChildren(...rendered(text, source.name === part.file));
  else if (source.name !== part.file) element.replaceChildren(Object.assign(document.createElement("pre"), { textContent: text }));
  if (window.hljs) element.querySelectorAll("pre code").forEach((block) => window.hljs.highlightElement(block));
};

VIEWS.raw = async (part, element, source) => {
  const text = await source.text();
  const isJson = part.file.toLowerCase().endsWith(".json");
  element.textContent = isJson ? JSON.stringify(JSON.parse(text), null, 2) : text;
};

/* A word is a run between spaces that has a letter or a digit. */
const COUNTS = {
  words: (text) => (text.match(/\S*[\p{L}\p{N}]\S*/gu) ?? []).length,
  lines: (text) => text.replace(/\r?\n$/, "").split(/\r?\n/).length,
  characters: (text) => [...text].length,
};

VIEWS.textCount = async (part, element, source) => {
  const count = COUNTS[part.unit](await source.text());
  element.textContent = part.separated ? new Intl.NumberFormat("en-US").format(count) : String(count);
};

VIEWS.field = async (part, element, source) => {
  const value = part.path.reduce((object, key) => object?.[key], JSON.parse(await source.text()));
  element.textContent = value ?? "";
};
