// Copies a field's value. The buttons are hidden without scripts, where the field can be selected by hand.
const SAID = 2000;

async function copy(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy"); // an address without https has no clipboard of its own
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.querySelector("[data-copy-said]") ?? button;
  const words = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copy(document.getElementById(button.dataset.copy));
    label.textContent = "Copied";
    button.focus();
    setTimeout(() => { label.textContent = words; }, SAID);
  });
}
