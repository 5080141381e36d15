// What every page does: shortcuts, toasts that leave by themselves, menus that close, a line when the server is away.
import { listenForKeys } from "./keys.js";
import { tendToasts } from "./toasts.js";

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (event.type === "click" ? !menu.contains(event.target) : event.key === "Escape") {
      menu.open = false;
      if (event.type === "keydown") {
        event.preventDefault(); // Escape ends the menu, and not what is behind it
        menu.querySelector("summary").focus();
      }
    }
  }
}

function showOffline(away) {
  const line = document.getElementById("offline");
  if (line) line.hidden = !away;
}

document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
window.addEventListener("offline", () => showOffline(true));
window.addEventListener("online", () => showOffline(false));
document.addEventListener("htmx:sendError", () => showOffline(true));
document.addEventListener("htmx:afterOnLoad", () => showOffline(false));

listenForKeys();
tendToasts();
