// People with scripts: the list marks who is open, forms grow rows. Everything here also works without.

function markOpen() {
  const id = document.getElementById("person")?.dataset.id;
  for (const link of document.querySelectorAll(".pl")) {
    if (link.dataset.id === id) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
  }
}

function offerMore() {
  for (const button of document.querySelectorAll("[data-more]")) button.hidden = false;
}

function addRow(event) {
  const button = event.target.closest?.("[data-more]");
  if (!button) return;
  const rows = button.closest(".many").querySelectorAll(".one");
  const row = rows[rows.length - 1].cloneNode(true);
  for (const input of row.querySelectorAll("input, select")) {
    if (input.tagName === "INPUT") input.value = "";
    input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+$/, String(rows.length + 1)));
  }
  rows[rows.length - 1].after(row);
  row.querySelector("input").focus();
}

// As in the inbox: j and k walk through the list, and through who is shown beside it once somebody is.
function walk(event) {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const down = target.id === "pq" && event.key === "ArrowDown";
  if (!down && (/^(input|textarea|select)$/i.test(target.tagName) || !["j", "k"].includes(event.key))) return;
  const links = [...document.querySelectorAll(".pl")];
  const here = links.indexOf(target.closest?.(".pl") ?? document.querySelector(".pl[aria-current]"));
  const next = down || here < 0 ? links[0] : links[here + (event.key === "j" ? 1 : -1)];
  event.preventDefault();
  if (!next) return;
  next.focus();
  if (!down && document.getElementById("person")?.dataset.id) next.click();
}

document.addEventListener("keydown", walk);
document.addEventListener("click", addRow);
document.addEventListener("htmx:afterSettle", markOpen);
offerMore();
