// The HTML of the element's parent, or of the body itself, without what nobody reads.
(element, most) => {
  const copy = (element === document.body ? element : element.parentElement).cloneNode(true);
  copy.querySelectorAll("script, style, svg > *").forEach(each => each.remove());
  return copy.outerHTML.replace(/\s+/g, " ").slice(0, most);
}
