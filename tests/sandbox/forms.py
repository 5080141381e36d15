"""Reads the forms of the sandbox's pages the way a browser would fill them in."""

from __future__ import annotations

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.actions: list[str] = []
        self.fields: list[tuple[str, str]] = []
        self.buttons: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.actions.append(given["action"])
        elif tag == "button":
            self.buttons.append((given["name"], given["value"]))
        elif tag == "input" and "disabled" not in given and (given["type"] != "checkbox" or "checked" in given):
            self.fields.append((given["name"], given["value"]))


def only_form(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The action of the page's one form and the fields that it would send, buttons apart."""
    reader = _Reader()
    reader.feed(text)
    (action,) = reader.actions
    return action, reader.fields


def buttons(text: str) -> list[tuple[str, str]]:
    """Name and value of every button."""
    reader = _Reader()
    reader.feed(text)
    return reader.buttons
