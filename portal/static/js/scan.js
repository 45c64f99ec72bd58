// Reads a square code with the camera or from a photo: by the browser's own reader, else by one that is fetched only
// then.  A code that does not begin with our address is never followed.

const EVERY_MS = 180;
const LONGEST_SIDE = 800;

const fill = (words, text) => words.split("{text}").join(text);

// The browser's own reader, where it knows square codes.
const ownReader = async () => {
  try {
    const formats = await window.BarcodeDetector.getSupportedFormats();
    if (!formats.includes("qr_code")) return null;
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return async (source) => {
      const [code] = await detector.detect(source);
      return code ? code.rawValue : "";
    };
  } catch (error) {
    return null;
  }
};

const fetchScript = (url) =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: url, onload: resolve, onerror: reject });
    document.head.append(script);
  });

const pixels = (source, canvas) => {
  const [wide, high] = [source.videoWidth || source.width, source.videoHeight || source.height];
  const scale = Math.min(1, LONGEST_SIDE / Math.max(wide, high, 1));
  Object.assign(canvas, { width: Math.round(wide * scale), height: Math.round(high * scale) });
  const pen = canvas.getContext("2d");
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
};

const fetchedReader = async (url) => {
  if (!window.jsQR) await fetchScript(url);
  const canvas = document.createElement("canvas");
  return async (source) => {
    const { data, width, height } = pixels(source, canvas);
    const code = width && window.jsQR(data, width, height);
    return code ? code.data : "";
  };
};

let reading = null;
const reader = (url) => {
  reading =
    reading ||
    ownReader()
      .then((own) => own || fetchedReader(url))
      .catch((error) => {
        reading = null; // no signal: asked for again the next time
        throw error;
      });
  return reading;
};
// Have the reader at hand before it is needed.
export const warm = (url) => reader(url).catch(() => null);

const picture = (file) =>
  new Promise((resolve, reject) => {
    const image = new Image();
    const url = URL.createObjectURL(file);
    image.onload = () => {
      URL.revokeObjectURL(url);
      resolve(image);
    };
    image.onerror = reject;
    image.src = url;
  });

// The path of a code of ours, "" for anybody else's.
export const ownPath = (text, start) => {
  if (!text.startsWith(start)) return "";
  const path = text.slice(start.length - 1);
  return path.startsWith("/s/") ? path : "";
};

export const openScanner = (root, data, found) => {
  const part = (name) => root.querySelector(`[data-scan-${name}]`);
  const [video, said] = [root.querySelector("video"), part("said")];
  let stream = null;
  let timer = 0;
  const say = (words) => {
    said.textContent = words;
  };
  const show = (isOn) => {
    part("view").hidden = !isOn;
    part("stop").hidden = !isOn;
    part("start").hidden = isOn;
  };
  const stop = () => {
    clearTimeout(timer);
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = null;
    show(false);
  };
  const take = (text) => {
    const path = ownPath(text, data.start);
    if (!path) {
      say(fill(data.words.foreign, text.slice(0, 80)));
      return false;
    }
    stop();
    say(data.words.found);
    found(path, say);
    return true;
  };
  const look = async (read) => {
    if (!stream) return;
    const text = video.readyState >= 2 ? await read(video).catch(() => "") : "";
    if (text && stream && take(text)) return;
    timer = setTimeout(look, EVERY_MS, read);
  };
  const start = async () => {
    try {
      const wanted = { video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } }, audio: false };
      stream = await navigator.mediaDevices.getUserMedia(wanted);
    } catch (error) {
      say(error.name === "NotAllowedError" ? data.words.denied : data.words.none);
      return;
    }
    video.srcObject = stream;
    show(true);
    say(data.words.looking);
    try {
      await video.play();
      look(await reader(data.reader));
    } catch (error) {
      stop();
      say(data.words.offline);
    }
  };
  const fromPhoto = async (input) => {
    const [file] = input.files;
    if (!file) return;
    say(data.words.reading);
    const read = await warm(data.reader);
    const text = read ? await picture(file).then(read).catch(() => "") : "";
    input.value = "";
    if (text) take(text);
    else say(read ? data.words.nothing : data.words.offline);
  };
  if (!(navigator.mediaDevices && navigator.mediaDevices.getUserMedia)) part("start").hidden = true;
  part("start").addEventListener("click", start);
  part("stop").addEventListener("click", stop);
  part("photo").addEventListener("change", (event) => fromPhoto(event.target));
  window.addEventListener("pagehide", stop);
  root.hidden = false;
  return { stop, say };
};
