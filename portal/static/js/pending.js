// On the day's page: what this telephone still holds is sent, and said until it is.

const data = JSON.parse(document.getElementById("check-data").textContent);
const place = document.querySelector("[data-pending]");

const refused = [];

const show = ({ count, state }) => {
  place.hidden = !count && !refused.length;
  place.textContent = "";
  if (count) place.append(waiting(count, state));
  if (refused.length) place.append(turnedDown());
};

// What the server would not take is said, with what was typed: it is nowhere else any more.
const turnedDown = () => {
  const text = refused.map(({ record, reply }) => {
    const given = record.body || {};
    const typed = [given.outcome, given.number, given.text, given.note].filter(Boolean).join(" ");
    return `${record.code || ""} ${typed} ${reply.words || ""}`.trim();
  });
  return banner("wrong", data.words.refused.replace("{n}", refused.length), text);
};

const waiting = (count, state) => {
  const isOut = state === "signedOut";
  const made = banner("queue", data.words.title.replace("{n}", count), [isOut ? data.words.signedOut : data.words.text]);
  if (isOut) {
    const link = document.createElement("a");
    link.href = data.signIn;
    link.textContent = data.words.signIn;
    made.lastChild.append(link);
  }
  return made;
};

const banner = (icon, heading, texts) => {
  const section = document.createElement("section");
  section.className = "banner banner--soon";
  const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  sign.setAttribute("class", "icon");
  sign.setAttribute("aria-hidden", "true");
  sign.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  sign.firstChild.setAttribute("href", `${data.icons}#${icon}`);
  const words = document.createElement("div");
  const title = document.createElement("h2");
  title.textContent = heading;
  words.append(title);
  for (const said of texts) {
    const text = document.createElement("p");
    text.textContent = said;
    words.append(text);
  }
  section.append(sign, words);
  return section;
};

const heard = (news) => {
  if (news.type === "refused") refused.push(news);
};

const main = async () => {
  const [{ openDB }, { openQueue }] = await Promise.all([import(data.modules.idb), import(data.modules.queue)]);
  const queue = await openQueue({ openDB, who: data.who, csrf: data.csrf, heard, changed: show });
  const before = (await queue.waiting()).length;
  const after = await queue.drain();
  if (before && !after && !refused.length) location.reload(); // the figures of the page are older than what was just sent
};
main();
