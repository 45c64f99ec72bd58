// What every page gains from a script; each page is whole without it.

// A form that came back: bring the reader to the words above it.
const mistakes = document.querySelector("[data-focus]");
if (mistakes) mistakes.focus();

// A menu that floats over the page closes when one turns away from it.
const closeFloating = (event) => {
  for (const open of document.querySelectorAll("details.acting[open]")) {
    if (event.type === "keydown" ? event.key === "Escape" : !open.contains(event.target)) {
      open.removeAttribute("open");
      if (event.type === "keydown") open.querySelector("summary").focus();
    }
  }
};
document.addEventListener("click", closeFloating);
document.addEventListener("keydown", closeFloating);

// The server refuses a second copy of a write; this only spares the reader the sight of it.
// A button goes quiet after the form has left, because a disabled button would not be sent with it,
// and wakes again in case the answer was a file and the page stayed.
const REST_MS = 8000;
const resting = new Set();
const wake = () => {
  for (const button of resting) button.disabled = false;
  resting.clear();
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  setTimeout(() => {
    for (const control of form.elements) {
      if (control.type !== "submit" || control.disabled) continue;
      control.disabled = true;
      resting.add(control);
    }
    setTimeout(wake, REST_MS);
  }, 0);
});
window.addEventListener("pageshow", wake);

// A password may be looked at while it is typed.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  const words = [button.textContent, button.dataset.hide];
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.textContent = words[shown ? 1 : 0];
  });
}
