// Those of the given elements that a person fills, each with its index.
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
