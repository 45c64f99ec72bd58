// On the day's page: what this telephone still holds is sent, and said until it is.

const data = JSON.parse(document.getElementById("check-data").textContent);
const place = document.querySelector("[data-pending]");

const show = ({ count, state }) => {
  place.hidden = !count;
  place.textContent = "";
  if (!count) return;
  const banner = document.createElement("section");
  banner.className = "banner banner--soon";
  const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  sign.setAttribute("class", "icon");
  sign.setAttribute("aria-hidden", "true");
  sign.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  sign.firstChild.setAttribute("href", `${data.icons}#queue`);
  const words = document.createElement("div");
  const title = document.createElement("h2");
  title.textContent = data.words.title.replace("{n}", count);
  const text = document.createElement("p");
  text.textContent = state === "signedOut" ? data.words.signedOut : data.words.text;
  words.append(title, text);
  if (state === "signedOut") {
    const link = document.createElement("a");
    link.href = data.signIn;
    link.textContent = data.words.signIn;
    words.append(link);
  }
  banner.append(sign, words);
  place.append(banner);
};

const main = async () => {
  const [{ openDB }, { openQueue }] = await Promise.all([import(data.modules.idb), import(data.modules.queue)]);
  const queue = await openQueue({ openDB, person: data.person, csrf: data.csrf, changed: show });
  const before = (await queue.waiting()).length;
  const after = await queue.drain();
  if (before && !after) location.reload(); // the figures of the page are older than what was just sent
};
main();
