"""Makes a received HTML body safe to show: an allow-list (nh3) has the last word, after images and quotes were found.

Remote images are left out until they are asked for, tracking pixels always. The result goes into a document of its own
whose policy loads nothing and runs nothing, so that this is one wall of two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import nh3
from django.utils.safestring import SafeString, mark_safe
from selectolax.lexbor import LexborHTMLParser, LexborNode

from mail.reading.styles import Blocked, declarations, hides, sheet

MOST = 4_000_000
_TAGS = set(
    re.findall(
        r"\w+",
        """
        a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del
        details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark
        nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead
        time tr tt u ul var wbr
        """,
    )
)
_EVERYWHERE = {"align", "bgcolor", "class", "color", "dir", "height", "id", "lang", "style", "title", "valign", "width"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href", "name"},
    "img": {"alt", "border", "hspace", "src", "vspace"},
    "table": {"border", "cellpadding", "cellspacing", "summary"},
    "td": {"colspan", "headers", "nowrap", "rowspan"},
    "th": {"abbr", "colspan", "headers", "nowrap", "rowspan", "scope"},
    "font": {"face", "size"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value"},
    "col": {"span"},
    "colgroup": {"span"},
    "hr": {"noshade", "size"},
    "br": {"clear"},
    "time": {"datetime"},
}
_GONE = {
    "script",
    "style",
    "title",
    "noscript",
    "template",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "select",
    "textarea",
}
_LINKS = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp)[;,]", re.IGNORECASE)
_QUOTES = (
    "div.gmail_quote_container, div.gmail_quote, blockquote.gmail_quote, blockquote[type=cite], div.yahoo_quoted, "
    "div#divRplyFwdMsg, div#appendonsend, div#mail-editor-reference-message-container, div.moz-cite-prefix"
)
_QUOTE_TO_END = {"divRplyFwdMsg", "appendonsend"}
_DESIGNED = re.compile(r"\bbgcolor=|background(?:-color|-image)?\s*:|<table[^>]+width=", re.IGNORECASE)
_TOKEN = "\u2402quote\u2403"
_FOLD = '<details class="osmen-quote"><summary aria-label="Earlier text">…</summary>{}</details>'


@dataclass(frozen=True, slots=True)
class Readable:
    """A body that is safe to show. ``designed`` ones bring their own colours and are shown on light paper."""

    markup: SafeString
    styles: SafeString
    blocked: int
    trackers: int
    designed: bool


def render(html: str, *, parts: Mapping[str, str], remote: bool) -> Readable:
    """``parts``: our addresses of the message's own images by content id. ``remote``: load images from elsewhere."""
    blocked = Blocked(remote=remote)
    tree = LexborHTMLParser(html[:MOST])
    styles = "\n".join(sheet(node.text(), blocked) for node in tree.css("style"))
    for image in tree.css("img"):
        _image(image, parts, blocked)
    body = tree.body
    if body is None:
        return Readable(SafeString(""), SafeString(""), 0, 0, False)
    quoted, alone = _take_quote(body)
    markup = _clean(body, blocked)
    if quoted:
        safe = _safe(quoted, blocked)
        markup = markup.replace(_TOKEN, safe if alone else _FOLD.format(safe), 1)
    designed = bool(_DESIGNED.search(markup) or "background" in styles)
    # Safe: nh3 made the markup, and the style sheet cannot hold an end tag.
    return Readable(mark_safe(markup), mark_safe(styles), blocked.images, blocked.trackers, designed)


def _clean(body: LexborNode, blocked: Blocked) -> str:
    """The body's inside; its own colours come along on a block of their own."""
    inner = _safe(body.inner_html or "", blocked)
    style = declarations(body.attributes.get("style") or "", blocked)
    ground = body.attributes.get("bgcolor") or ""
    if re.fullmatch(r"#?\w{3,20}", ground):
        style = f"background-color:{ground};{style}"
    return '<div style="{}">{}</div>'.format(style.replace('"', "'"), inner) if style else inner


def _safe(markup: str, blocked: Blocked) -> str:
    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "style":
            return declarations(value, blocked) or None
        if attribute == "href":
            return value if _LINKS.match(value.strip()) else None
        if attribute == "src":
            ours = value.startswith("/inbox/attachment/")
            return value if ours or _PICTURE.match(value) or (blocked.remote and value.startswith("https://")) else None
        return value

    return nh3.clean(
        markup,
        tags=_TAGS,
        clean_content_tags=_GONE,
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        strip_comments=True,
        link_rel="noopener noreferrer",
        url_schemes={"http", "https", "mailto", "tel", "data"},
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _image(image: LexborNode, parts: Mapping[str, str], blocked: Blocked) -> None:
    """Give an image an address that may be loaded, or none."""
    attributes = image.attributes
    source = (attributes.get("src") or "").strip()
    if source.lower().startswith("cid:"):
        address = parts.get(source[4:].strip("<>"), "")
    elif _PICTURE.match(source):
        address = source
    else:
        if source and _is_pixel(attributes):
            blocked.trackers += 1
            image.decompose()
            return
        address = blocked.address(source)
    if address:
        image.attrs["src"] = address
        return
    _put_words(image, attributes)


def _put_words(image: LexborNode, attributes: Mapping[str, str | None]) -> None:
    """In place of an image that is not loaded: its description, in a box of its size."""
    box = LexborHTMLParser('<span class="osmen-no-image"></span>').css_first("span")
    if box is None:
        return
    sizes = {n: (attributes.get(n) or "").strip().removesuffix("px") for n in ("width", "height")}
    style = "".join(f"{n}:{v}px;" for n, v in sizes.items() if v.isascii() and v.isdecimal() and len(v) < 5)
    if style:
        box.attrs["style"] = style
    if words := (attributes.get("alt") or "").strip():
        box.insert_child(words)
    image.replace_with(box)


def _is_pixel(attributes: Mapping[str, str | None]) -> bool:
    sizes = [(attributes.get(name) or "").strip().removesuffix("px") for name in ("width", "height")]
    return any(size in ("0", "1", "2") for size in sizes) or hides(attributes.get("style") or "")


def _take_quote(body: LexborNode) -> tuple[str, bool]:
    """Cut the quoted past out of the body, leaving a mark. The second answer: nothing else is there to read."""
    node = body.css_first(_QUOTES)
    if node is None:
        return "", False
    taken = [node]
    follows = node.attributes.get("id") in _QUOTE_TO_END or "moz-cite-prefix" in (node.attributes.get("class") or "")
    following = node.next if follows else None
    while following is not None:
        taken.append(following)
        following = following.next
    quoted = "".join(n.html or "" for n in taken)
    for extra in taken[1:]:
        extra.decompose()
    node.replace_with(_TOKEN)
    own = body.text().replace(_TOKEN, "").strip()
    return quoted, not own and body.css_first("img[src]") is None


def as_text(html: str) -> str:
    """The words of an HTML body with their lines, as an answer repeats them."""
    tree = LexborHTMLParser(html[:MOST])
    for node in tree.css("style, script, title, head"):
        node.decompose()
    for node in tree.css("br, p, div, li, tr, h1, h2, h3, h4, blockquote"):
        node.insert_after("\n")
    text = tree.body.text() if tree.body else ""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
