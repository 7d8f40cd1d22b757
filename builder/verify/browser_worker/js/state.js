// Everything that using an element may change, as one text; `fields` selects what can be filled.
fields => {
  ROOTS;
  const tried = read => { try { return read(); } catch { return ""; } };
  const focused = document.activeElement;
  const isField = focused?.matches?.(fields);
  return JSON.stringify([
    roots.map(root => (root.documentElement ?? root).innerHTML),
    document.documentElement?.cloneNode(false).outerHTML, location.href, document.title,
    tried(() => JSON.stringify(localStorage)), tried(() => JSON.stringify(sessionStorage)),
    tried(() => document.cookie), document.designMode, window.__effects?.length,
    all("input, textarea, select").map(field => [field.value, field.checked, field.indeterminate]),
    isField ? all(fields).indexOf(focused) : -1,
    scrollX, scrollY, all("*").map(element => element.scrollTop + element.scrollLeft)
      .filter(Boolean),
    document.getAnimations().length,
    [...document.styleSheets].map(sheet => tried(() => sheet.cssRules.length)),
    all("canvas").map(canvas => tried(() => canvas.toDataURL())),
    all("iframe").map(frame => tried(() => frame.contentDocument.documentElement.outerHTML)),
  ]);
}
