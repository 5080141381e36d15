// A message's HTML is a document of its own without scripts; from outside we give its frame the height that it needs,
// and load it again once the pictures that it embeds have been fetched.
const fitted = new WeakSet();
const TRIES = 15;

function fit(frame) {
  const page = frame.contentDocument;
  if (!page?.body) return;
  const set = () => { frame.style.height = `${Math.ceil(page.documentElement.getBoundingClientRect().height)}px`; };
  set();
  new ResizeObserver(set).observe(page.documentElement);
  // In place, so that "Show images" is no step of its own for the Back button.
  const show = page.querySelector(".osmen-note a");
  show?.addEventListener("click", (event) => {
    event.preventDefault();
    frame.contentWindow.location.replace(show.href);
  });
}

async function awaitImages(frame) {
  const address = frame.dataset.images;
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];
  for (let n = 0; n < TRIES && frame.isConnected; n += 1) {
    const answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => null);
    if (!answer?.ok) return;
    if (answer.status === 205) { frame.contentWindow.location.reload(); return; }
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
  }
}

export function fitFrames(root) {
  for (const frame of root.querySelectorAll("iframe.body-frame")) {
    if (fitted.has(frame)) continue;
    fitted.add(frame);
    frame.addEventListener("load", () => fit(frame));
    if (frame.contentDocument?.readyState === "complete") fit(frame);
    if (frame.dataset.images) awaitImages(frame);
  }
}
