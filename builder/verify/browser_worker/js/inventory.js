// The forms, buttons, selects and links that a person can use, each with its path.
() => {
  ROOTS;
  const path = element => {
    const parts = [];
    for (let at = element; at; at = at.parentElement || at.getRootNode().host) {
      const siblings = [...(at.parentNode?.children || [at])];
      parts.unshift(`${at.tagName.toLowerCase()}:nth-child(${siblings.indexOf(at) + 1})`);
    }
    return parts.join(" > ");
  };
  const flat = text => (text || "").replace(/\s+/g, " ").trim().slice(0, 60);
  const label = element => flat(element.getAttribute("aria-label") || element.innerText
    || element.labels?.[0]?.innerText || element.value || element.title || element.placeholder)
    || (element.id ? `#${element.id}` : element.tagName.toLowerCase());
  const visible = element => element.checkVisibility({ visibilityProperty: true })
    && element.getBoundingClientRect().width > 0;
  const chosen = "[aria-selected=true], [aria-pressed=true], [aria-checked=true], .active, "
    + "[aria-current]:not([aria-current=false]), .selected, .current";
  const site = new URL(".", location.href).href;
  const leads = link => !link.target && !link.hasAttribute("download") && !link.matches(chosen)
    && link.href.startsWith(site) && link.href !== location.href && !/#$/.test(link.href);
  const submits = form => [...form?.elements ?? []].find(element =>
    element.matches("button:not([type=button], [type=reset]), input[type=submit]"));
  // Of many that are alike, such as the days of a month, the first come before the others.
  const alike = {};
  const rank = element => {
    const family = [path(element.parentElement ?? element), element.tagName, element.className];
    return alike[family] = (alike[family] ?? -1) + 1;
  };
  const found = (kind, selector, keep = () => true) =>
    all(selector).filter(element => visible(element) && keep(element)).map(element =>
      ({ kind, path: path(element), label: label(element), rank: rank(element) }));
  const forms = all("form").filter(visible).map(form => {
    const submit = submits(form);
    const name = flat(submit?.innerText || submit?.value) || form.getAttribute("aria-label")
      || (form.id ? `#${form.id}` : "form");
    return { kind: "form", path: path(form), label: name, rank: 0,
      submit: submit && path(submit) };
  });
  return [
    ...forms,
    ...found("button", "button, input[type=button], input[type=reset], [role=button], [role=tab], "
      + "[role=switch], [role=menuitem], summary",
      element => !element.matches(chosen) && !(element.form && submits(element.form) === element)),
    ...found("select", "select", element => element.options.length > 1),
    ...found("link", "a[href]", leads),
  ].sort((one, other) => one.rank - other.rank);
}
