// The browser's time zone: into the sign-up form, and once to the server for whoever has not chosen one.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const field of document.querySelectorAll("input[data-time-zone]")) field.value = zone;

const wanted = document.querySelector("[data-time-zone-to]");
if (wanted && zone && zone !== wanted.dataset.timeZone) {
  fetch(wanted.dataset.timeZoneTo, {
    method: "POST",
    headers: { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] },
    body: new URLSearchParams({ time_zone: zone }),
  });
}
