// Toasts stay eight seconds, longer while the pointer or the focus is on them, and close on request.
// A toast comes from the server (components/toast.html), so it is the same with and without scripts.
const STAY = 8000;
const MOST = 2;

function tend(toast) {
  let timer;
  const leave = () => toast.remove();
  const start = () => { timer = setTimeout(leave, STAY); };
  const hold = () => clearTimeout(timer);
  for (const type of ["mouseenter", "focusin"]) toast.addEventListener(type, hold);
  for (const type of ["mouseleave", "focusout"]) toast.addEventListener(type, () => { hold(); start(); });
  toast.querySelector("[data-dismiss]")?.addEventListener("click", leave);
  toast.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) leave(); });
  start();
}

export function tendToasts() {
  const region = document.getElementById("toasts");
  if (!region) return;
  region.querySelectorAll("[data-toast]").forEach(tend);
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.matches?.("[data-toast]")) tend(node);
    }
    const all = [...region.querySelectorAll("[data-toast]")];
    for (const old of all.slice(0, -MOST)) if (!old.contains(document.activeElement)) old.remove();
  }).observe(region, { childList: true });
}
