// A list that stays fresh: asked again every minute while somebody looks at it, and left alone when nobody does.
// What is being worked on says itself, by data-again, after how many seconds it has something new to tell.

const EVERY_MS = 60000;
const IDLE_MS = 900000; // after a quarter of an hour without a touch the page stops asking

let touched = Date.now();
for (const kind of ["pointerdown", "keydown", "scroll"]) {
  document.addEventListener(kind, () => (touched = Date.now()), { passive: true });
}

const fresh = async (place) => {
  const held = place.contains(document.activeElement) && document.activeElement.matches("input, a, button");
  if (document.hidden || held || Date.now() - touched > IDLE_MS) return;
  const ticked = new Set(Array.from(place.querySelectorAll("input[type=checkbox]:checked"), (one) => one.value));
  try {
    const answer = await fetch(place.dataset.refresh, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    place.innerHTML = await answer.text();
  } catch (error) {
    return; // no signal: the next minute will do
  }
  // What came meanwhile is not ticked: nobody takes note of a check he has not seen.
  for (const one of place.querySelectorAll("input[type=checkbox]")) one.checked = ticked.has(one.value);
};

const pause = (place) => Number(place.querySelector("[data-again]")?.dataset.again) * 1000 || EVERY_MS;

const keep = (place) =>
  setTimeout(async () => {
    await fresh(place);
    keep(place);
  }, pause(place));

document.querySelectorAll("[data-refresh]").forEach(keep);
