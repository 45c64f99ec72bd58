// The check's page with a script: each answer is kept and sent as it is tapped, each photo as it is taken.
// Without it the page is one form that saves everything at once.

const data = JSON.parse(document.getElementById("check-data").textContent);
const form = document.getElementById("check");
const say = (key, values = {}) =>
  Object.keys(values).reduce((words, name) => words.split(`{${name}}`).join(values[name]), data.words[key]);
const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
const setIcon = (svg, name) => svg.firstElementChild.setAttribute("href", `${data.icons}#${name}`);
const setTone = (svg, tone) => svg.setAttribute("class", tone ? `icon is-${tone}` : "icon");
const cards = form ? all("[data-item]", form) : [];
const field = (card, part) => card.querySelector(`[name="${card.dataset.item}-${part}"]`);
const chosen = (card, part) => {
  const one = card.querySelector(`[name="${card.dataset.item}-${part}"]:checked`);
  return one ? one.value : "";
};
const value = (card, part) => {
  const one = field(card, part);
  return one ? one.value.trim() : "";
};

// --- what stands on a card
const TYPED = { number: "number", count: "number", date: "text", text: "text", scan: "text" };

const gather = (card) => ({
  outcome: chosen(card, "outcome"),
  number: value(card, "number"),
  text: card.dataset.kind === "choice" ? chosen(card, "text") : value(card, "text"),
  phrases: all(`[name="${card.dataset.item}-phrases"]:checked`, card).map((one) => one.value),
  note: value(card, "note"),
  stall: value(card, "stall"),
  major: Boolean(chosen(card, "major")),
  seen: Number(value(card, "seen")) || 0,
  at: new Date().toISOString(),
});
const isAnswered = (given, kind) => {
  if (given.outcome === "fail") return true;
  if (kind === "choice") return Boolean(given.text);
  return kind in TYPED ? Boolean(given[TYPED[kind]]) && !needsVerdict(kind, given) : Boolean(given.outcome);
};
const needsVerdict = (kind, given) => given.judged && !given.outcome;

const put = (card, given) => {
  for (const part of ["number", "note", "stall"]) if (field(card, part)) field(card, part).value = given[part];
  if (card.dataset.kind !== "choice" && field(card, "text")) field(card, "text").value = given.text;
  const ticks = { outcome: [given.outcome], phrases: given.phrases, text: [given.text], major: [given.major ? "1" : ""] };
  for (const [part, values] of Object.entries(ticks)) {
    for (const one of all(`input.pick[name="${card.dataset.item}-${part}"], input[type=checkbox][name="${card.dataset.item}-${part}"]`, card)) {
      one.checked = values.includes(one.value);
    }
  }
};

// --- a number says itself whether it passes
const plain = (text) => Number(text.normalize("NFKC").replace(/\s/g, ""));
const tidy = (number) => String(Math.round(number * 1000) / 1000);
const outside = (card) => {
  const box = card.querySelector(".number");
  const text = value(card, "number");
  if (!box || !text || Number.isNaN(plain(text))) return "";
  const number = plain(text);
  const { low, high, lowIn, highIn, unit } = box.dataset;
  const said = `${tidy(number)} ${unit}`.trim();
  if (high && (number > Number(high) || (number === Number(high) && highIn === "0"))) {
    return say("high", { number: said, gap: tidy(number - Number(high)) });
  }
  if (low && (number < Number(low) || (number === Number(low) && lowIn === "0"))) {
    return say("low", { number: said, gap: tidy(Number(low) - number) });
  }
  return "";
};
const judge = (card) => {
  const box = card.querySelector(".number");
  if (!box || !field(card, "number")) return;
  const words = outside(card);
  const line = box.querySelector("[data-outside]");
  const fail = card.querySelector('input[type="checkbox"].pick--bad');
  box.classList.toggle("number--out", Boolean(words));
  line.hidden = !words;
  line.lastElementChild.textContent = words;
  if (fail && words && !fail.checked) [fail.checked, fail.dataset.own] = [true, "1"];
  if (fail && !words && fail.dataset.own) [fail.checked, fail.dataset.own] = [false, ""];
};

// --- how far one has come
const isJudged = (card) => all('input[type="radio"].pick[name$="-outcome"]', card).length > 0;
const standing = (card) => {
  const given = { ...gather(card), judged: isJudged(card) };
  if (!isAnswered(given, card.dataset.kind)) return "open";
  const bad = card.querySelector(".pick--bad:checked") || outside(card);
  return bad ? "bad" : "ok";
};
const showProgress = () => {
  const found = cards.map((card) => [card, standing(card)]);
  const count = (kind) => found.filter((one) => one[1] === kind).length;
  const [good, bad, open] = ["ok", "bad", "open"].map(count);
  const dock = document.querySelector(".dock");
  dock.querySelector("p").textContent = say("progress", { done: good + bad, all: cards.length });
  const meter = dock.querySelector(".meter");
  meter.setAttribute("aria-label", say("meter", { all: cards.length, good, bad, open }));
  all("span", meter).forEach((one, place) => {
    one.className = place < good ? "ok" : place < good + bad ? "bad" : "";
  });
  for (const [card, kind] of found) card.classList.toggle("check-item--bad", kind === "bad" && card.tagName === "DIV");
  const next = found.find((one) => one[1] === "open");
  showSpots(found, next && next[0]);
  showNext(dock, next && next[0]);
};
const showSpots = (found, next) => {
  for (const spot of all("[data-spot]", form)) {
    const inside = found.filter((one) => spot.contains(one[0])).map((one) => one[1]);
    const step = document.querySelector(`[data-walk="${spot.id.slice(1)}"]`);
    if (!step) continue;
    const kind = inside.includes("bad") ? "bad" : inside.includes("open") ? "open" : "ok";
    const sign = step.querySelector("svg");
    setIcon(sign, { bad: "wrong", open: "todo", ok: "done" }[kind]);
    setTone(sign, { bad: "overdue", open: "", ok: "ok" }[kind]);
    if (next && spot.contains(next)) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
  for (const card of cards) card.classList.toggle("check-item--next", card === next);
};
const showNext = (dock, next) => {
  const old = dock.lastElementChild;
  const button = document.createElement(next ? "a" : "button");
  button.className = "button";
  if (next) {
    button.href = `#${next.id}`;
    button.textContent = say("next", { place: next.closest("[data-spot]").dataset.spot });
  } else {
    button.setAttribute("form", "check");
    Object.assign(button, { name: "go", value: "confirm", textContent: say("send") });
  }
  if (old.tagName !== button.tagName || old.textContent !== button.textContent) old.replaceWith(button);
  else if (next) old.href = button.href;
};

// --- what the server says
const line = document.querySelector("[data-saved]");
let hasGiven = false; // until then the line says how the page is used
const showSaved = ({ count: waiting, state, isKept }) => {
  const count = waiting + shrinkings.size;
  hasGiven = hasGiven || count > 0;
  if (!line || !hasGiven) return;
  const [sign, words] = [line.querySelector("svg"), line.querySelector("span")];
  setIcon(sign, count ? "queue" : "done");
  words.textContent = count ? say(state === "offline" ? "offline" : "waiting", { n: count }) : say("saved");
  if (count && state === "stale") words.textContent = say("stale");
  if (count && state === "signedOut") {
    words.textContent = say("signedOut");
    const link = document.createElement("a");
    link.href = data.signIn;
    link.textContent = say("signIn");
    words.append(link);
  }
  if (count && !isKept) words.append(` ${say("notKept")}`);
};
const showWords = (card, words) => {
  const said = card.querySelector("[data-said]");
  if (!said) return;
  said.hidden = !words;
  said.lastElementChild.textContent = words || "";
};
const heard = ({ type, record, reply }) => {
  if (record.kind === "visit" && record.check === data.check && visits) visits.heard({ type, record });
  const card = record.check === data.check && cards.find((one) => one.dataset.item === record.code);
  if (!card) return;
  showWords(card, type === "refused" ? reply.words : "");
  if (type === "sent" && reply.version) field(card, "seen").value = reply.version;
  if (record.kind === "photo") photos.settle(card, record, type, reply);
};

// --- photos: shown at once, taken back with one tap
const photos = {
  tile(card, key, url) {
    const tile = document.createElement("div");
    tile.className = "photo";
    tile.dataset.pendingPhoto = key;
    const image = document.createElement("img");
    Object.assign(image, { src: url, width: 176, height: 176, alt: say("photo") });
    tile.append(image, photos.button());
    const box = card.querySelector("[data-photos]");
    box.insertBefore(tile, box.lastElementChild);
    box.lastElementChild.classList.remove("photo-add--wide");
    box.lastElementChild.querySelector("label span").textContent = say("again");
    for (const lack of all("[data-lacks]", card)) lack.hidden = true;
    return tile;
  },
  button() {
    const off = document.createElement("button");
    Object.assign(off, { className: "photo__off", type: "button" });
    off.setAttribute("aria-label", say("remove"));
    off.dataset.remove = "";
    off.innerHTML = '<svg class="icon" aria-hidden="true"><use></use></svg>';
    setIcon(off.firstElementChild, "bin");
    return off;
  },
  settle(card, record, type, reply) {
    const tile = card.querySelector(`[data-pending-photo="${record.key}"]`);
    const kept = type === "sent" && reply.photos && reply.photos[reply.photos.length - 1];
    if (!tile && kept) photos.takeBack(kept.remove); // it was taken back while it was on its way
    if (tile && type === "refused") tile.remove();
    if (!tile || !kept) return;
    delete tile.dataset.pendingPhoto;
    tile.dataset.photo = kept.id;
    tile.querySelector("button").dataset.remove = kept.remove;
  },
  takeBack(url) {
    const headers = { "X-Requested-With": "fetch", "X-CSRFToken": data.csrf, Once: newToken() };
    return fetch(url, { method: "POST", headers }).catch(() => null);
  },
  async remove(button) {
    const tile = button.closest(".photo");
    const card = tile.closest("[data-item]");
    if (tile.dataset.pendingPhoto) {
      tile.remove(); // first, so that one that arrives meanwhile is seen to have been taken back
      await queue.forget(tile.dataset.pendingPhoto);
      return;
    }
    const answer = await photos.takeBack(button.dataset.remove);
    if (answer && (answer.ok || answer.status === 404)) tile.remove();
    else showWords(card, answer ? (await answer.json()).words : say("noSignal"));
  },
};

// --- wiring
let queue;
let visits = null; // the signs of the walk
let newToken;
let shrink;
const late = new Map();

const keep = (card) => {
  clearTimeout(late.get(card));
  late.delete(card);
  judge(card);
  showProgress();
  const given = gather(card);
  if (!isAnswered({ ...given, judged: isJudged(card) }, card.dataset.kind)) return;
  const code = card.dataset.item;
  const url = data.answers.replace("CODE", encodeURIComponent(code));
  queue.put({ key: `${data.who}/${data.check}/${code}`, kind: "answer", check: data.check, code, url, body: given });
};
const shrinkings = new Set(); // photos not in the queue yet: the page must not be left before
const shrunk = async (file) => {
  const making = shrink(file);
  shrinkings.add(making);
  showSaved({ count: 0, state: "", isKept: true });
  try {
    return await making;
  } finally {
    shrinkings.delete(making);
  }
};
const takePhoto = async (card, input) => {
  const [file] = input.files;
  if (!file) return;
  const small = await shrunk(file);
  const code = card.dataset.item;
  const key = `${data.who}/${data.check}/${code}/${newToken()}`;
  photos.tile(card, key, URL.createObjectURL(small));
  input.value = ""; // the form itself must not send it a second time
  const url = data.photos.replace("CODE", encodeURIComponent(code));
  queue.put({ key, kind: "photo", check: data.check, code, url, blob: small, name: file.name });
};
const onChange = (event) => {
  const card = event.target.closest("[data-item]");
  if (!card) return;
  if (event.target.type === "file") return takePhoto(card, event.target);
  if (visits) visits.touch(card);
  keep(card);
};
const onInput = (event) => {
  const card = event.target.closest("[data-item]");
  if (!card || ["radio", "checkbox", "file"].includes(event.target.type)) return;
  judge(card);
  clearTimeout(late.get(card));
  late.set(card, setTimeout(keep, 800, card));
};
const onClick = (event) => {
  const off = event.target.closest("[data-remove]");
  const stall = event.target.closest("[data-stalls] button");
  if (off) {
    event.preventDefault();
    photos.remove(off);
  } else if (stall) {
    const input = document.getElementById(stall.parentElement.dataset.stalls);
    input.value = stall.value;
    keep(input.closest("[data-item]"));
  }
};
const onSubmit = async (event) => {
  event.preventDefault();
  const isStay = event.submitter && event.submitter.value === "stay";
  for (const card of [...late.keys()]) keep(card);
  await Promise.allSettled([...shrinkings]);
  const left = await queue.drain();
  if (isStay) return;
  if (left) line.querySelector("span").textContent = say("waitToSend", { n: left });
  else location.assign(data.confirm);
  if (left) line.scrollIntoView({ block: "center" });
};
const restore = async () => {
  for (const record of await queue.waiting()) {
    if (record.kind === "visit" && record.check === data.check && visits) visits.restore(record);
    const card = record.check === data.check && cards.find((one) => one.dataset.item === record.code);
    if (!card) continue;
    if (record.kind === "photo") photos.tile(card, record.key, URL.createObjectURL(record.blob));
    else put(card, record.body);
  }
};

const openSigns = async () => {
  const [own, scan] = ["visit-data", "scan-data"].map((id) => JSON.parse(document.getElementById(id).textContent));
  const [{ openVisits }, scanning] = await Promise.all([import(own.module), import(scan.module)]);
  const check = { id: data.check, who: data.who };
  return openVisits({ visits: own, scan, scanning, check, queue, icons: data.icons, field, keep });
};

const main = async () => {
  const paths = [data.modules.idb, data.modules.queue, data.modules.shrink];
  const [idb, queueing, shrinking] = await Promise.all(paths.map((path) => import(path)));
  ({ newToken } = queueing);
  ({ shrink } = shrinking);
  queue = await queueing.openQueue({ openDB: idb.openDB, who: data.who, csrf: data.csrf, heard, changed: showSaved });
  if (!form) return void queue.drain();
  visits = await openSigns();
  await restore();
  for (const card of cards) judge(card);
  showProgress();
  form.addEventListener("change", onChange);
  form.addEventListener("input", onInput);
  form.addEventListener("click", onClick);
  form.addEventListener("submit", onSubmit);
  for (const box of all("[data-stalls]", form)) box.hidden = false;
  document.documentElement.dataset.ready = "check";
  queue.drain();
};
main();
