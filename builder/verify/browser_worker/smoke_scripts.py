"""The JavaScript of the smoke test: what can be used, what fields accept, what has changed."""

HOOKS = """
(() => {
  const effects = [];
  Object.defineProperty(window, "__effects", { value: effects });
  const wrap = (owner, names, around) => names.split(" ").forEach(name => {
    const original = owner?.[name];
    if (typeof original === "function") owner[name] = function (...values) {
      return around(name, () => original.apply(this, values), values);
    };
  });
  const count = (owner, names) =>
    wrap(owner, names, (name, call) => { effects.push(name); return call(); });
  count(window, "clearInterval clearTimeout cancelAnimationFrame");
  count(window, "print open showSaveFilePicker showOpenFilePicker showDirectoryPicker postMessage");
  count(navigator, "share vibrate sendBeacon");
  count(document, "execCommand exitFullscreen");
  count(window.Clipboard?.prototype, "write writeText read readText");
  count(Element.prototype, "requestFullscreen requestPointerLock");
  count(HTMLMediaElement.prototype, "play pause load");
  count(window.SpeechSynthesis?.prototype, "speak cancel pause resume");
  count(window.AudioScheduledSourceNode?.prototype, "start stop");
  count(window.AudioContext?.prototype, "resume suspend close");
  count(window.MediaDevices?.prototype, "getUserMedia getDisplayMedia");
  count(window.Geolocation?.prototype, "getCurrentPosition watchPosition");
  count(window.Notification, "requestPermission");
  count(window.IDBObjectStore?.prototype, "add put delete clear");
  for (const sender of [window.Worker, window.BroadcastChannel, window.MessagePort])
    count(sender?.prototype, "postMessage");
  count(window.WebSocket?.prototype, "send");
  // A link to a program, such as mailto:, shows in nothing but this.
  window.navigation?.addEventListener("navigate", event => effects.push(event.destination.url));
  // What was drawn with WebGL can be read back only so.
  wrap(HTMLCanvasElement.prototype, "getContext", (_, call, values) => {
    if (/webgl/.test(values[0])) values[1] = { ...values[1], preserveDrawingBuffer: true };
    return call();
  });
})();
"""
"""Counts calls with effects that show neither in the DOM nor in storage."""

_ROOTS = """
  const roots = [document];
  for (const root of roots)
    for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) roots.push(shadowRoot);
  const all = selector => roots.flatMap(root => [...root.querySelectorAll(selector)]);
"""
"""The document and all open shadow roots in it."""

INVENTORY = f"""
() => {{
  {_ROOTS}
  const path = element => {{
    const parts = [];
    for (let at = element; at; at = at.parentElement || at.getRootNode().host) {{
      const siblings = [...(at.parentNode?.children || [at])];
      parts.unshift(`${{at.tagName.toLowerCase()}}:nth-child(${{siblings.indexOf(at) + 1}})`);
    }}
    return parts.join(" > ");
  }};
  const flat = text => (text || "").replace(/\\s+/g, " ").trim().slice(0, 60);
  const label = element => flat(element.getAttribute("aria-label") || element.innerText
    || element.labels?.[0]?.innerText || element.value || element.title || element.placeholder)
    || (element.id ? `#${{element.id}}` : element.tagName.toLowerCase());
  const visible = element => element.checkVisibility({{ visibilityProperty: true }})
    && element.getBoundingClientRect().width > 0;
  const chosen = "[aria-selected=true], [aria-pressed=true], [aria-checked=true], .active, "
    + "[aria-current]:not([aria-current=false]), .selected, .current";
  const site = new URL(".", location.href).href;
  const leads = link => !link.target && !link.hasAttribute("download") && !link.matches(chosen)
    && link.href.startsWith(site) && link.href !== location.href && !/#$/.test(link.href);
  const submits = form => [...form?.elements ?? []].find(element =>
    element.matches("button:not([type=button], [type=reset]), input[type=submit]"));
  // Of many that are alike, such as the days of a month, the first come before the others.
  const alike = {{}};
  const rank = element => {{
    const family = [path(element.parentElement ?? element), element.tagName, element.className];
    return alike[family] = (alike[family] ?? -1) + 1;
  }};
  const found = (kind, selector, keep = () => true) =>
    all(selector).filter(element => visible(element) && keep(element)).map(element =>
      ({{ kind, path: path(element), label: label(element), rank: rank(element) }}));
  const forms = all("form").filter(visible).map(form => {{
    const submit = submits(form);
    const name = flat(submit?.innerText || submit?.value) || form.getAttribute("aria-label")
      || (form.id ? `#${{form.id}}` : "form");
    return {{ kind: "form", path: path(form), label: name, rank: 0,
      submit: submit && path(submit) }};
  }});
  return [
    ...forms,
    ...found("button", "button, input[type=button], input[type=reset], [role=button], [role=tab], "
      + "[role=switch], [role=menuitem], summary",
      element => !element.matches(chosen) && !(element.form && submits(element.form) === element)),
    ...found("select", "select", element => element.options.length > 1),
    ...found("link", "a[href]", leads),
  ].sort((one, other) => one.rank - other.rank);
}}
"""
"""The forms, buttons, selects and links that a person can use, each with its path."""

FIELD_SELECTOR = "input, textarea, select, [contenteditable]"

FIELDS = """
(elements, samples) => {
  const skipped = "[type=hidden], [type=submit], [type=button], [type=reset], [type=image], "
    + "[contenteditable=false]";
  const fits = (pattern, text) => { try { return new RegExp(`^(?:${pattern})$`).test(text); }
    catch { return false; } };
  return elements
    .map((element, index) => ({ element, index }))
    .filter(({ element }) => !element.matches(skipped) && !element.disabled && !element.readOnly
      && (element.type === "file" || element.checkVisibility({ visibilityProperty: true })))
    .map(({ element, index }) => ({
      index, type: element.type || "", min: element.min || "", max: element.max || "",
      step: element.step || "", accept: element.accept || "", value: element.value || "",
      shortest: Math.max(element.minLength || 0, 0), longest: Math.max(element.maxLength || 0, 0),
      fitting: element.pattern ? samples.find(text => fits(element.pattern, text)) ?? "" : "",
      group: element.type === "radio" ? element.name : null,
      options: element.options ? [...element.options].filter(option => !option.disabled)
        .map(option => option.value) : [],
    }));
}
"""
"""Those of the given elements that a person fills, each with its index."""

STATE = f"""
() => {{
  {_ROOTS}
  const tried = read => {{ try {{ return read(); }} catch {{ return ""; }} }};
  const focused = document.activeElement;
  const isField = focused?.matches?.("{FIELD_SELECTOR}");
  return JSON.stringify([
    roots.map(root => (root.documentElement ?? root).innerHTML),
    document.documentElement?.cloneNode(false).outerHTML, location.href, document.title,
    tried(() => JSON.stringify(localStorage)), tried(() => JSON.stringify(sessionStorage)),
    tried(() => document.cookie), document.designMode, window.__effects?.length,
    all("input, textarea, select").map(field => [field.value, field.checked, field.indeterminate]),
    isField ? all("{FIELD_SELECTOR}").indexOf(focused) : -1,
    scrollX, scrollY, all("*").map(element => element.scrollTop + element.scrollLeft)
      .filter(Boolean),
    document.getAnimations().length,
    [...document.styleSheets].map(sheet => tried(() => sheet.cssRules.length)),
    all("canvas").map(canvas => tried(() => canvas.toDataURL())),
    all("iframe").map(frame => tried(() => frame.contentDocument.documentElement.outerHTML)),
  ]);
}}
"""
"""Everything that using an element may change, as one text."""

BLUR = "() => document.activeElement?.blur?.()"
"""Leaves the field that was filled last, as clicking elsewhere does."""
