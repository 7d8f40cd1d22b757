
/* The picture of a source once it is loaded; each address is loaded once. */
const PICTURES = new Map();

function loaded(source) {
  if (!PICTURES.has(source.address)) {
    PICTURES.set(source.address, new Promise((resolve, reject) => {
      const picture = new Image();
      picture.onload = () => resolve(picture);
      picture.onerror = () => reject(new Error("not a picture"));
      picture.src = source.address;
    }));
  }
  return PICTURES.get(source.address);
}

VIEWS.picture = async (part, element, source) => {
  await loaded(source);
  const image = element.matches("img") ? element : element.querySelector("img");
  if (image.src === new URL(source.address, location.href).href) return;
  image.src = source.address;
  image.alt = source.name.startsWith("data:") ? "The picture passed to the page" : source.name;
  await image.decode();
};

VIEWS.pictureSize = async (part, element, source) => {
  const { naturalWidth, naturalHeight } = await loaded(source);
  element.textContent = { both: `${naturalWidth}x${naturalHeight}`, width: naturalWidth, height: naturalHeight }[part.side];
};
