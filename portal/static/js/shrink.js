// A photo made small enough for a weak signal; whatever cannot be drawn goes as it is.

const LONGEST = 1600;
const SMALL_BYTES = 400000;
const QUALITY = 0.8;
const PATIENCE_MS = 4000; // a browser short of memory may never answer

const load = (url) =>
  new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = url;
  });

const drawnSmall = async (file) => {
  const url = URL.createObjectURL(file);
  try {
    const image = await load(url);
    const longest = Math.max(image.naturalWidth, image.naturalHeight);
    if (longest <= LONGEST && file.size <= SMALL_BYTES) return file;
    const scale = Math.min(1, LONGEST / longest);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.naturalWidth * scale);
    canvas.height = Math.round(image.naturalHeight * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return small && small.size < file.size ? small : file;
  } catch (error) {
    return file;
  } finally {
    URL.revokeObjectURL(url);
  }
};

export const shrink = (file) =>
  Promise.race([drawnSmall(file), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, file))]);
