// The calendar with scripts: the grid instead of the list, events that open in place, a page that catches up by itself.
// Everything here also works without: days, views and events are links, switches are forms.
import { closeEvent, doneWithEvent, openEvent } from "./calendar-event.js";
import { drawGrid } from "./calendar-grid.js";

const SLOW = 15000;
const BUSY = 3000;
const phone = matchMedia("(max-width: 719px)");
let grid = null;

function draw() {
  grid?.destroy();
  grid = null;
  const place = document.getElementById("grid");
  if (!place) return;
  if (window.FullCalendar) grid = drawGrid(place, document.getElementById("cal"), phone.matches);
  else document.getElementById("cal").classList.add("no-grid");
}

async function changed() {
  doneWithEvent();
  await refresh();
}

async function refresh() {
  if (grid) {
    await grid.refresh();
  } else if (document.getElementById("list")) {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const list = page.getElementById("list");
    if (list) document.getElementById("list").replaceChildren(...list.childNodes);
  }
}

function onClick(event) {
  const link = event.target.closest?.("a[data-event], a[data-new]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openEvent(link.href, link.getBoundingClientRect());
}

const ARROWS = { ArrowLeft: "k", ArrowRight: "j" };

function onKey(event) {
  const key = ARROWS[event.key];
  if (!key || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (document.querySelector("dialog[open]") || event.target.closest?.("input, textarea, select, .fc-scroller")) return;
  document.querySelector(`.cal-steps [data-key="${key}"]`)?.click();
}

async function watch() {
  if (document.visibilityState === "visible" && !document.querySelector("dialog[open]")) {
    await refresh().catch(() => {});
  }
  setTimeout(watch, document.querySelector("#grid[data-busy]") ? BUSY : SLOW);
}

document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
document.body.addEventListener("calendars-changed", changed);
phone.addEventListener("change", draw);
document.getElementById("event")?.addEventListener("click", closeEvent);
draw();
setTimeout(watch, document.querySelector("#grid[data-busy]") ? BUSY : SLOW);
