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

document.addEventListener("click", addRow);
document.addEventListener("htmx:afterSettle", markOpen);
offerMore();
