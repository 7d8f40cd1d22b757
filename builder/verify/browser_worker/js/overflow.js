// How far the page scrolls sideways, and because of which element; empty if it does not.
(() => {
  const root = document.scrollingElement || document.documentElement;
  const clips = element => ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
  const excess = root.scrollWidth - root.clientWidth;
  if (excess < 2 || [document.documentElement, document.body].some(clips)) return "";
  const right = element => element.getBoundingClientRect().right;
  const widest = [...document.body.querySelectorAll("*")]
    .reduce((most, element) => right(element) > right(most) ? element : most, document.body);
  const { tagName, id, className } = widest;
  const name = tagName.toLowerCase() + (id ? `#${id}` : "")
    + (typeof className === "string" && className ? `.${className.trim().split(/\s+/)[0]}` : "");
  return `${excess} px wider than the screen, up to ${name}`;
})()
