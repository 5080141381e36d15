// Shortcuts are data: an element with data-key="e" (or "g i", two keys in turn) is clicked when its keys are pressed.
// So a shortcut exists exactly where its button or link does, and "?" lists what works on this page.
const WAIT = 1200;
let first = "";
let timer;

function typing(target) {
  return target.isContentEditable || /^(textarea|select)$/i.test(target.tagName)
    || (target.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(target.type));
}

function shown(element) {
  return element.checkVisibility({ visibilityProperty: true });
}

function find(keys) {
  const all = [...document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].filter(shown);
  return all.find((element) => "keyFirst" in element.dataset) ?? all.at(-1);
}

function startsSequence(key) {
  return document.querySelector(`[data-key^="${CSS.escape(key)} "]`) !== null;
}

function fillDialog(list) {
  const seen = new Map();
  for (const element of document.querySelectorAll("[data-key]")) {
    const label = element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent.trim();
    if (shown(element) && !seen.has(element.dataset.key)) seen.set(element.dataset.key, label);
  }
  for (const [keys, label] of document.querySelector("[data-more-keys]")?.dataset.moreKeys
    .split(";").map((pair) => pair.split("=")) ?? []) seen.set(keys, label);
  seen.set("?", "This list");
  list.replaceChildren(...[...seen].map(([keys, label]) => {
    const row = document.createElement("div");
    const term = row.appendChild(document.createElement("dt"));
    term.textContent = label;
    const value = row.appendChild(document.createElement("dd"));
    for (const key of keys.split(" ")) value.appendChild(document.createElement("kbd")).textContent = key;
    return row;
  }));
}

function showShortcuts() {
  const dialog = document.getElementById("shortcuts");
  if (!dialog || dialog.open) return;
  fillDialog(dialog.querySelector("dl"));
  dialog.showModal();
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const keys = first ? `${first} ${event.key}` : event.key;
  clearTimeout(timer);
  const continuing = first;
  first = "";
  if (!continuing && event.key === "?") {
    event.preventDefault();
    showShortcuts();
    return;
  }
  const target = find(keys);
  if (target) {
    event.preventDefault();
    target.click();
  } else if (!continuing && startsSequence(event.key)) {
    first = event.key;
    timer = setTimeout(() => { first = ""; }, WAIT);
  }
}

export function listenForKeys() {
  document.addEventListener("keydown", onKey);
}
