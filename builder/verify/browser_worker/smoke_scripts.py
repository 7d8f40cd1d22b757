"""The JavaScript of the smoke test: what can be pressed, what fields want, what has changed."""

HOOKS = """
(() => {
  const effects = [];
  Object.defineProperty(window, "__effects", { value: effects });
  const count = (owner, name) => {
    const original = owner?.[name];
    if (typeof original !== "function") return;
    owner[name] = function (...values) {
      effects.push(name);
      return original.apply(this, values);
    };
  };
  count(window, "print");
  count(window, "open");
  count(navigator, "share");
  count(navigator, "vibrate");
  for (const name of ["writeText", "write", "readText"]) count(window.Clipboard?.prototype, name);
  count(document, "execCommand");
  for (const name of ["play", "pause", "load"]) count(HTMLMediaElement.prototype, name);
  for (const name of ["speak", "cancel"]) count(window.SpeechSynthesis?.prototype, name);
  count(Element.prototype, "requestFullscreen");
  count(window.Geolocation?.prototype, "getCurrentPosition");
  count(window.Notification, "requestPermission");
  for (const name of ["start", "stop"]) count(window.AudioScheduledSourceNode?.prototype, name);
  count(window.BroadcastChannel?.prototype, "postMessage");
})();
"""
"""Counts calls whose effect shows neither in the DOM nor in storage."""

INVENTORY = """
() => {
  const path = element => {
    const parts = [];
    for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
      const siblings = at.parentElement ? [...at.parentElement.children] : [at];
      parts.unshift(`${at.tagName.toLowerCase()}:nth-child(${siblings.indexOf(at) + 1})`);
    }
    return `html > ${parts.join(" > ")}`;
  };
  const flat = text => (text || "").replace(/\\s+/g, " ").trim().slice(0, 60);
  const label = element => flat(element.getAttribute("aria-label") || element.innerText
    || element.labels?.[0]?.innerText || element.value || element.title || element.placeholder)
    || (element.id ? `#${element.id}` : element.tagName.toLowerCase());
  const usable = element => element.checkVisibility({ visibilityProperty: true })
    && element.getBoundingClientRect().width > 0
    && !element.matches(":disabled, [aria-disabled=true]");
  const chosen = "[aria-selected=true], [aria-pressed=true], [aria-checked=true], .active, "
    + "[aria-current]:not([aria-current=false]), .selected, .current";
  const site = new URL(".", location.href).href;
  const local = link => !link.target && !link.hasAttribute("download")
    && link.href.startsWith(site);
  const found = (kind, selector, keep = () => true) =>
    [...document.querySelectorAll(selector)].filter(element => usable(element) && keep(element))
      .map(element => ({ kind, path: path(element), label: label(element) }));
  const submits = form => form.querySelector("button:not([type=button]):not([type=reset]), "
    + "input[type=submit], input[type=image]");
  return [
    ...[...document.forms].filter(usable).map(form => ({
      kind: "form", path: path(form), label: flat(submits(form)?.innerText || submits(form)?.value)
        || form.getAttribute("aria-label") || (form.id ? `#${form.id}` : "form"),
      submit: submits(form) && usable(submits(form)) ? path(submits(form)) : null,
    })),
    ...found("button", "button, input[type=button], input[type=reset], [role=button], [role=tab], "
      + "[role=switch], [role=menuitem], summary", element => !element.matches(chosen)
      && !(element.form && submits(element.form) === element)),
    ...found("select", "select", element => element.options.length > 1),
    ...found("link", "a[href]", link => local(link) && link.getAttribute("href") !== "#"
      && link.href !== location.href && !link.matches(chosen)),
  ];
}
"""
"""The forms, buttons, selects and links of the page that a person can use, each with its path."""

FIELDS = """
scope => {
  const root = scope ? document.querySelector(scope) : document.body;
  const skipped = "[type=hidden], [type=submit], [type=button], [type=reset], [type=image]";
  return [...root.querySelectorAll("input, textarea, select")]
    .map((element, index) => ({ element, index }))
    .filter(({ element }) => !element.matches(skipped) && !element.disabled && !element.readOnly
      && (element.type === "file" || element.checkVisibility({ visibilityProperty: true })))
    .map(({ element, index }) => ({
      index, type: element.type, min: element.min || "", max: element.max || "",
      step: element.step || "", accept: element.accept || "", value: element.value,
      length: element.maxLength > 0 ? element.maxLength : null,
      group: element.type === "radio" ? element.name : null,
      options: element.options ? [...element.options].filter(option => !option.disabled)
        .map(option => option.value) : [],
    }));
}
"""
"""The fields below an element that a person fills, in the order of the page."""

STATE = """
() => {
  const fields = [...document.querySelectorAll("input, textarea, select, details, dialog")];
  const drawn = [...document.querySelectorAll("canvas")].map(canvas => {
    try { return canvas.toDataURL(); } catch { return ""; }
  });
  const stored = storage => { try { return JSON.stringify({ ...storage }); } catch { return ""; } };
  const focused = document.activeElement;
  const isField = focused?.matches?.("input, textarea, select, [contenteditable]");
  return JSON.stringify([
    document.documentElement.outerHTML, location.href, stored(window.localStorage),
    stored(window.sessionStorage), fields.map(field => [field.value, field.checked, field.open]),
    isField ? fields.indexOf(focused) : -1, scrollX, scrollY, window.__effects?.length, drawn,
    document.title, document.designMode,
  ]);
}
"""
"""All that a press may change, as one text."""

BLUR = "() => document.activeElement?.blur?.()"
"""Leaves the field that was filled last, as a press elsewhere does."""
