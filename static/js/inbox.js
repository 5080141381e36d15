// The inbox with scripts: keys move and select, the list catches up by itself, HTML bodies get their full height.
// Everything here also works without: rows are links, actions are buttons of forms.
import { fitFrames } from "./frames.js";

const SLOW = 10000;
const BUSY = 2500;

const rows = () => [...document.querySelectorAll("#threads > .thread")];
const opened = () => document.querySelector("#conversation[data-thread]");
const threadOf = (row) => row.querySelector(".check").value;
const phone = matchMedia("(max-width: 719px)");
let lastPicked = "";
let picked = new Set();

function currentRow() {
  return document.activeElement?.closest?.(".thread") ?? document.querySelector(".thread.is-open");
}

function markOpen() {
  const id = opened()?.dataset.thread;
  for (const row of rows()) {
    const here = threadOf(row) === id;
    row.classList.toggle("is-open", here);
    const link = row.querySelector("a");
    if (here) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
  }
}

function move(step) {
  const all = rows();
  const now = all.indexOf(currentRow());
  const next = all[now < 0 ? 0 : Math.min(Math.max(now + step, 0), all.length - 1)];
  if (!next) return;
  const link = next.querySelector("a");
  link.focus();
  next.scrollIntoView({ block: "nearest" });
  if (opened()) link.click();
}

function focusFirst() {
  rows()[0]?.querySelector("a").focus();
}

function toggle(row) {
  const box = row?.querySelector(".check");
  if (box) box.checked = !box.checked;
}

// A key that acts on what is selected selects the row that has the focus, if nothing else is and nothing is open.
function selectFocused() {
  const row = document.activeElement?.closest?.(".thread");
  if (row && !opened() && !document.querySelector("#threads .check:checked")) row.querySelector(".check").checked = true;
}

function onKey(event) {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.id === "q" && event.key === "ArrowDown") { focusFirst(); event.preventDefault(); return; }
  if (/^(textarea|select)$/i.test(target.tagName) || (target.tagName === "INPUT" && target.type !== "checkbox")) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "x") toggle(currentRow());
  else if (event.key === "o") currentRow()?.querySelector("a").click();
  else if (["e", "u", "s", "v", "#"].includes(event.key)) { selectFocused(); return; }
  else return;
  event.preventDefault();
}

// Shift-click selects everything between.
function onClick(event) {
  const box = event.target.closest?.("#threads .check");
  if (!box) return;
  const boxes = [...document.querySelectorAll("#threads .check")];
  const last = boxes.findIndex((other) => other.value === lastPicked);
  if (event.shiftKey && last >= 0) {
    const [a, b] = [last, boxes.indexOf(box)].sort((x, y) => x - y);
    for (const between of boxes.slice(a, b + 1)) between.checked = box.checked;
  }
  lastPicked = box.value;
}

// Whatever changes the list says how much of it is here and what is open, so that the answer fits.
function onRequest(event) {
  // A conversation that was open before something was searched answers with the list that is shown now.
  if (event.detail.elt.closest("#conv-bar, #conv-notes")) {
    event.detail.path = event.detail.path.split("?")[0] + new URL(document.getElementById("list-form").action).search;
  }
  const path = event.detail.path;
  if (!path.startsWith("/inbox/") || event.detail.headers["HX-Target"] === "conversation") return;
  event.detail.parameters.n = rows().length;
  if (opened()) event.detail.parameters.open = opened().dataset.thread;
  // What came below the conversation since it was opened; it is shown again with every answer.
  const below = document.getElementById("below");
  if (below) event.detail.parameters.since = below.dataset.since;
  if (path.startsWith("/inbox/list/")) event.detail.parameters.v = document.getElementById("threads").dataset.version;
}

// An answer that comes when another conversation is open, or none, has no tools and no notes for what is open now.
function withoutConversation(answer) {
  const page = new DOMParser().parseFromString(answer, "text/html");
  for (const part of page.querySelectorAll("#conversation, [hx-swap-oob$='#conv-bar'], [hx-swap-oob$='#conv-notes'], [hx-swap-oob$='#below']")) part.remove();
  return page.body.innerHTML;
}

// An operator that is chosen goes behind what was typed; one that wants a value waits for it.
function narrow(event) {
  const said = event.target.closest?.("[data-narrow]")?.dataset.narrow;
  if (!said) return;
  const field = document.getElementById("q");
  const before = field.value.trimEnd();
  field.value = `${before}${before ? " " : ""}${said}${said.endsWith(":") ? "" : " "}`;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function cancelReply(event) {
  if (!event.target.closest?.("[data-cancel-reply]")) return;
  event.preventDefault();
  document.getElementById("reply").replaceChildren();
  document.querySelector(".reply-bar a")?.focus();
}

function sendByKeys(event) {
  const form = event.target.closest?.(".letter");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
}

function beforeSwap(event) {
  const { requestConfig, serverResponse } = event.detail;
  const asked = requestConfig?.parameters.open;
  if (asked && asked !== opened()?.dataset.thread) event.detail.serverResponse = withoutConversation(serverResponse);
  // What was done to the selection is done; every other answer leaves it.
  const done = requestConfig?.elt.id === "list-form";
  if (done) for (const menu of document.querySelectorAll("#list-form details[open]")) menu.open = false;
  const boxes = done ? [] : document.querySelectorAll("#threads .check:checked");
  picked = new Set([...boxes].map((box) => box.value));
  if (requestConfig && !requestConfig.elt.isConnected) takeForPage(event);
}

// What asked was replaced before its answer came (a note, a letter, a toast): its parts are the page's all the same. htmx
// would look for their places beside what asked.
function takeForPage(event) {
  const { requestConfig, serverResponse, shouldSwap } = event.detail;
  if (!shouldSwap || requestConfig.elt.getAttribute("hx-swap") !== "none") return;
  event.preventDefault();
  const how = { swapStyle: "none", swapDelay: 0, settleDelay: 20 };
  htmx.swap(document.body, serverResponse, how, { eventInfo: event.detail });
}

// At once, before anybody can press a key and before htmx gives the focus back, which only a selected box takes.
function keepSelection() {
  for (const box of document.querySelectorAll("#threads .check")) box.checked ||= picked.has(box.value);
}

function afterSettle(event) {
  markOpen();
  fitFrames(document);
  if (event.detail.target?.id === "list-body" && event.detail.requestConfig?.triggeringEvent?.type === "submit") focusFirst();
  if (event.detail.target?.id === "reply") document.querySelector("#reply [autofocus]")?.focus();
  if (event.detail.target?.id === "conversation" && phone.matches) document.getElementById("subj")?.focus();
}

// What was unread is read once it is open. A form outside of the conversation says so: it is still there for the answer
// when the next conversation is open already.
function markSeen(event) {
  const shown = event.detail.elt.closest("#conversation") ?? event.detail.elt.querySelector("#conversation");
  if (!shown || !("unread" in shown.dataset)) return;
  delete shown.dataset.unread;
  const form = document.getElementById("seen");
  form.elements.t.value = shown.dataset.thread;
  form.dispatchEvent(new Event("seen"));
}

function watch() {
  const list = document.getElementById("threads");
  if (document.visibilityState === "visible") document.getElementById("refresh")?.dispatchEvent(new Event("refresh"));
  setTimeout(watch, list && "busy" in list.dataset ? BUSY : SLOW);
}

document.addEventListener("keydown", onKey, { capture: true });
document.addEventListener("keydown", sendByKeys);
document.addEventListener("click", onClick);
document.addEventListener("click", narrow);
document.addEventListener("click", cancelReply);
document.addEventListener("htmx:configRequest", onRequest);
document.addEventListener("htmx:load", markSeen);
document.addEventListener("htmx:beforeSwap", beforeSwap);
for (const swapped of ["htmx:oobAfterSwap", "htmx:afterSwap"]) document.addEventListener(swapped, keepSelection);
document.addEventListener("htmx:afterSettle", afterSettle);
setTimeout(watch, "busy" in (document.getElementById("threads")?.dataset ?? {}) ? BUSY : SLOW);
fitFrames(document);
