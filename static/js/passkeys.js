// Says on the page why a passkey did not work; the exchange itself is allauth's webauthn.js.
const place = document.getElementById("key-trouble");
const WORDS = {
  NotAllowedError: "That was cancelled, or took too long. Try again.",
  InvalidStateError: "This key is added already.",
  NotSupportedError: "This browser or key cannot do that.",
  SecurityError: "Passkeys work on https, and on localhost.",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { exception } = event.detail;
  place.textContent = WORDS[exception?.name] ?? "The key could not be asked. Try again, or sign in another way.";
});
