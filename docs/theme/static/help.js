// A copy button on every block, wide blocks for the keyboard, and the list of pages open where it has room.
for (const block of document.querySelectorAll("[class*=highlight-]")) {
  const text = block.querySelector("pre");
  if (!text || !navigator.clipboard) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.textContent.trimEnd());
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  block.append(button);
}
for (const block of document.querySelectorAll("pre, .prose table")) {
  if (block.scrollWidth > block.clientWidth) block.tabIndex = 0; // so that the keyboard can scroll it
}
const wide = matchMedia("(min-width: 900px)");
const pages = document.querySelector(".pages details");
const fit = () => { pages.open = wide.matches; };
wide.addEventListener("change", fit);
fit();
