// True if the page shows nothing that a person would see.
(() => {
  if (!document.body) return true;
  if (document.body.innerText.trim()) return false;
  const pictures = "img,svg,canvas,video,audio,iframe,object,embed,input,button,select,textarea,"
    + "progress,meter,hr";
  return ![...document.body.querySelectorAll("*")].some(element => {
    const { width, height } = element.getBoundingClientRect();
    if (width < 2 || height < 2) return false;
    const style = getComputedStyle(element);
    if (style.visibility !== "visible" || style.opacity === "0") return false;
    return element.matches(pictures) || style.backgroundImage !== "none"
      || !/^(transparent|rgba\(0, 0, 0, 0\))$/.test(style.backgroundColor);
  });
})()
