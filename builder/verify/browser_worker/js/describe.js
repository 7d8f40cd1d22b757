// Describes a part of the page, whose expression is put in below.
(() => {
  const cut = text => text.length > 160 ? text.slice(0, 160) + "…" : text;
  const show = value => value === null ? "no such element"
    : value instanceof Element ? cut(value.outerHTML)
    : value instanceof NodeList ? `${value.length} elements`
      + [...value].slice(0, 2).map(item => ` ${cut(item.outerHTML)}`).join("")
    : cut(JSON.stringify(value) ?? String(value));
  return show(MENTION);
})()
