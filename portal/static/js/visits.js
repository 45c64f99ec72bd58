// Signs in the walk: a point's is noted, with or without signal; a stall's is filled in where a problem is found.

const hashOf = async (code) => {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
};
const fill = (words, values) =>
  Object.keys(values).reduce((text, name) => text.split(`{${name}}`).join(values[name]), words);
const clockOf = (date) => date.toTimeString().slice(0, 5);

export const openVisits = ({ visits, scan, scanning, check, queue, icons, field, keep }) => {
  const box = document.querySelector("[data-scan-box]");
  const count = box.querySelector("summary .muted");
  let stall = "";
  let last = null;

  const lineOf = (id) => box.querySelector(`[data-point="${id}"]`);
  const isVisited = (line) => line.querySelector("[data-visited]").classList.contains("is-ok");
  const mark = (line, at) => {
    const said = line.querySelector("[data-visited]");
    said.classList.add("is-ok");
    said.querySelector("use").setAttribute("href", `${icons}#done`);
    said.lastElementChild.textContent = fill(visits.words.visited, { clock: at });
    const lines = Array.from(box.querySelectorAll("[data-point]"));
    if (count) count.textContent = fill(visits.words.count, { done: lines.filter(isVisited).length, all: lines.length });
  };
  const visit = (id, say) => {
    const line = lineOf(id);
    const name = line.querySelector("strong").textContent;
    line.scrollIntoView({ block: "center" });
    write(name);
    if (isVisited(line)) return say(fill(visits.words.again, { name }));
    const now = new Date();
    mark(line, clockOf(now));
    say(fill(visits.words.point, { name }));
    const url = visits.url.replace("POINT", id);
    const key = `${check.who}/${check.id}/visit/${id}`;
    return queue.put({ key, kind: "visit", check: check.id, code: name, url, body: { point: id, at: now.toISOString() } });
  };
  // An item that asks for scanned signs takes the name of what was scanned.
  const write = (name) => {
    const input = last && last.dataset.kind === "scan" ? field(last, "text") : null;
    if (!input || input.value.includes(name)) return;
    input.value = [input.value, name].filter(Boolean).join(" ").slice(0, input.maxLength);
    keep(last);
  };
  const isFailing = (card) => Boolean(card.querySelector(".pick--bad:checked"));
  const fillStall = (card) => {
    const input = field(card, "stall");
    if (!stall || !input || input.value || !isFailing(card)) return false;
    input.value = stall;
    return true;
  };
  const take = (code, say) => {
    stall = code;
    const isFilled = last && fillStall(last);
    if (isFilled) keep(last);
    say(fill(isFilled ? visits.words.filled : visits.words.stall, { code }));
  };
  const found = async (path, say) => {
    if (!(window.crypto && crypto.subtle)) return location.assign(path); // the server knows where it leads
    const hash = await hashOf(decodeURIComponent(path.slice(3).split(/[?#]/)[0]));
    const place = visits.hashes.findIndex((one) => hash.startsWith(one));
    if (place >= 0) return visit(visits.points[place], say);
    const option = Array.from(document.querySelectorAll("#stalls option[data-sign]")).find((one) => hash.startsWith(one.dataset.sign));
    return option ? take(option.value, say) : say(visits.words.unknown);
  };
  document.addEventListener("focusin", (event) => {
    last = event.target.closest("[data-item]") || last;
  });
  box.addEventListener("toggle", () => scanning.warm(scan.reader));
  scanning.openScanner(box.querySelector("[data-scanner]"), scan, found);
  return {
    // Before the answer is kept: the stall that was scanned goes with the problem found there.
    touch: (card) => {
      last = card;
      fillStall(card);
    },
    heard: ({ type, record }) => {
      if (type === "refused" && lineOf(record.body.point)) location.reload();
    },
    restore: (record) => {
      const line = lineOf(record.body.point);
      if (line) mark(line, clockOf(new Date(record.body.at)));
    },
  };
};
