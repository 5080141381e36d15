"""CSS in received mail: what lays out and colours stays; what loads, moves over other things or runs goes."""

from __future__ import annotations

import re

PROPERTIES = frozenset(
    re.findall(
        r"[\w-]+",
        """
    background background-color background-image background-position background-repeat background-size border
    border-bottom border-bottom-color border-bottom-left-radius border-bottom-right-radius border-bottom-style
    border-bottom-width border-collapse border-color border-left border-left-color border-left-style border-left-width
    border-radius border-right border-right-color border-right-style border-right-width border-spacing border-style
    border-top border-top-color border-top-left-radius border-top-right-radius border-top-style border-top-width
    border-width box-sizing caption-side clear color column-gap direction display empty-cells flex flex-basis
    flex-direction flex-grow flex-shrink flex-wrap float font font-family font-size font-style font-variant font-weight
    gap height hyphens justify-content align-items align-self letter-spacing line-height list-style list-style-position
    list-style-type margin margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width
    object-fit opacity overflow overflow-wrap overflow-x overflow-y padding padding-bottom padding-left padding-right
    padding-top row-gap table-layout text-align text-decoration text-decoration-color text-decoration-line
    text-decoration-style text-indent text-overflow text-shadow text-transform unicode-bidi vertical-align visibility
    white-space width word-break word-spacing word-wrap writing-mode mso-hide
    """,
    )
)
_URL = re.compile(r"""url\(\s*(?:"([^"()\\]*)"|'([^'()\\]*)'|([^"'()\\\s]*))\s*\)""", re.IGNORECASE)
_SUSPECT = re.compile(
    r"[\\<>{}@]|/\*|expression|javascript|behavior|-moz-binding|image-set|cross-fade|\b(?:src|attr|env|var)\(", re.I
)
_DECLARATIONS = re.compile(r"""((?:[^;"'()]|"[^"]*"|'[^']*'|\([^()]*(?:\([^()]*\)[^()]*)*\))+)""")
_COMMENTS = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_AT_RULES = re.compile(r"@(?:import|charset|namespace)[^;{}]*;?|@font-face\s*\{[^}]*\}?", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_TINY = re.compile(
    r"(?<![\w-])(?:width|height|max-height|max-width)\s*:\s*[012](?:\.\d+)?(?:px)?\s*(?:;|!|$)", re.IGNORECASE
)


class Blocked:
    """Counts what was not loaded while one message is made safe."""

    def __init__(self, *, remote: bool) -> None:
        self.remote = remote
        self.images = 0
        self.trackers = 0

    def address(self, value: str) -> str:
        """A remote image's address where images are wanted, over https only; else empty, and counted."""
        address = value.strip()
        if address.startswith("//"):
            address = f"https:{address}"
        scheme, _, rest = address.partition("://")
        if scheme.lower() not in ("http", "https") or not rest:
            return ""
        if not self.remote:
            self.images += 1
            return ""
        return f"https://{rest}"


def declarations(value: str, blocked: Blocked) -> str:
    """A ``style`` attribute with its safe declarations only."""
    kept = []
    for declaration in _DECLARATIONS.findall(_COMMENTS.sub("", value)):
        name, _, content = declaration.partition(":")
        name, content = name.strip().lower(), content.strip()
        if name not in PROPERTIES or not content:
            continue
        content = _without_addresses(content, blocked) if "url" in content.lower() else content
        if content and not _SUSPECT.search(content):
            kept.append(f"{name}:{content}")
    return ";".join(kept)


def sheet(value: str, blocked: Blocked) -> str:
    """A ``<style>`` element's text. The frame that it goes into loads nothing else and runs nothing."""
    text = _AT_RULES.sub("", _COMMENTS.sub("", value.replace("<!--", "").replace("-->", "")))
    if "<" in text or "\\" in text:
        return ""
    return _without_addresses(text, blocked)


def _without_addresses(value: str, blocked: Blocked) -> str:
    def replace(match: re.Match[str]) -> str:
        address = blocked.address(next((g for g in match.groups() if g), ""))
        return f'url("{address}")' if address and '"' not in address else "none"

    return _URL.sub(replace, value)


def hides(style: str) -> bool:
    """Whether an element with this style is not to be seen: a tracking pixel's favourite dress."""
    return bool(_HIDDEN.search(style) or _TINY.search(style))
