// Opens an event, or a form of one, beside what was clicked. The dialog is the browser's own: Escape closes it and the
// focus goes back. What is inside is htmx's: links and forms take the dialog's place.
const GAP = 8;

function place(dialog, at) {
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const roomRight = innerWidth - at.right - GAP * 2;
  const left = roomRight >= width ? at.right + GAP : at.left - width - GAP;
  const fits = left >= GAP && left + width <= innerWidth - GAP;
  dialog.style.insetInlineStart = `${fits ? left : Math.max(GAP, (innerWidth - width) / 2)}px`;
  dialog.style.insetBlockStart = `${Math.max(GAP, Math.min(at.top, innerHeight - height - GAP))}px`;
}

const phone = matchMedia("(max-width: 719px)");
const dialog = document.getElementById("event");
let beside = null;

function settle() {
  for (const close of dialog.querySelectorAll("[data-close]")) close.hidden = false;
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector("#event-h"))?.focus();
  dialog.scrollTop = 0;
  if (phone.matches || !beside) dialog.removeAttribute("style"); else place(dialog, beside);
}

export async function openEvent(path, at) {
  const answer = await fetch(path, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) { location.href = path; return; }
  dialog.innerHTML = await answer.text();
  beside = at;
  htmx.process(dialog);
  settle();
}

// Puts an event where it was dragged to. A series asks which part of it is meant; what cannot be done is taken back.
export async function moveEvent({ event, el, revert }) {
  let changed = false;
  document.body.addEventListener("calendars-changed", () => { changed = true; }, { once: true });
  const wall = (text) => text.slice(0, event.allDay ? 10 : 19);
  beside = el.getBoundingClientRect();
  dialog.replaceChildren();
  const values = { start: wall(event.startStr), end: wall(event.endStr) };
  await htmx.ajax("POST", event.extendedProps.move, { target: dialog, swap: "innerHTML", values }).catch(() => {});
  if (!changed) revert();
}

// A click beside the dialog, which is on its backdrop, closes it.
export function closeEvent(event) {
  if (event.target.closest("[data-close]")) { event.preventDefault(); dialog.close(); }
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
}

export function doneWithEvent() {
  if (dialog?.open) dialog.close();
}

if (dialog) {
  // A form that grows stays inside the window.
  new ResizeObserver(() => { if (dialog.open && beside && !phone.matches) place(dialog, beside); }).observe(dialog);
}
// An answer that puts nothing into the dialog ends what it was open for.
dialog?.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.xhr.getResponseHeader("HX-Reswap") !== "none") settle();
});
