// The document and all open shadow roots in it; put where other scripts say ROOTS.
const roots = [document];
for (const root of roots)
  for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) roots.push(shadowRoot);
const all = selector => roots.flatMap(root => [...root.querySelectorAll(selector)]);
