// Settings: offers the browser's time zone where another is chosen.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const select = document.getElementById("id_time_zone");
const note = document.querySelector("[data-browser-zone]");

if (select && note && select.value !== zone && [...select.options].some((option) => option.value === zone)) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "zone-offer";
  button.textContent = `Your browser says ${zone.replaceAll("_", " ")}. Use it`;
  button.addEventListener("click", () => { select.value = zone; button.remove(); select.focus(); });
  note.closest(".srow").after(button);
}
