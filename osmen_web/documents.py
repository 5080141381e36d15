"""The pages of ``docs/`` that are written by the program itself, so that they cannot say anything else than it does.

``manage.py document`` writes them, and a test holds them to be current. All other pages are written by people.
"""

from __future__ import annotations

from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.core.management import get_commands, load_command_class

from integrations.providers.base import Provider, registry
from osmen_web import configuration

_NOTICE = "<!-- Written by `python3 osmen.py document` from {source}: change it there. -->\n"
_CONFIGURATION = """\
# Configuration

On a laptop nothing has to be set. What can be set is set by environment variables, read once at the start; a value
that cannot be used stops the start with a sentence that names it. `python3 osmen.py` passes all of them on. OAuth apps
are not set up here but in the browser, or by [`setup_oauth`](command-line.md).

A *secret* may be given as `NAME`, or as `NAME_FILE` with the path of a file that holds the value; not both.
"""
_ENDPOINTS = """\
## Provider endpoints

Every endpoint belongs to the OAuth app's row in the database and is looked up at each call; a change needs no restart.
A variable overrides the row: `OSMEN_GOOGLE_TOKEN_URL`, for instance.
"""
_COMMANDS = """\
# Every command and flag

What `python3 osmen.py NAME --help` says of each command. How they work together is in [Command line](command-line.md);
`up`, `test` and the others that start things are in [Getting started](getting-started.md#commands).
"""
# What every management command of Django has, or what is for programs alone.
_COMMON = {
    "help",
    "version",
    "verbosity",
    "settings",
    "pythonpath",
    "traceback",
    "no_color",
    "force_color",
    "skip_checks",
}
_OURS = ("accounts", "calendars", "contacts", "integrations", "mail", "osmen_web")


def pages() -> dict[str, str]:
    """The written pages by their file names in ``docs/``."""
    return {"configuration.md": _configuration(), "commands.md": _commands()}


def write(folder: Path) -> list[str]:
    """Write those that differ; their names."""
    changed = [name for name, text in pages().items() if _read(folder / name) != text]
    for name in changed:
        (folder / name).write_text(pages()[name], encoding="utf-8")
    return changed


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _configuration() -> str:
    parts = [_NOTICE.format(source="osmen_web/configuration.py and the providers"), _CONFIGURATION]
    for title, variables in configuration.GROUPS.items():
        rows = [(f"`{one.name}`", one.values, one.default_shown, one.meaning) for one in variables]
        parts.append(f"## {title}\n\n{_table(('name', 'values', 'default', 'meaning'), rows)}")
    parts.append(_ENDPOINTS)
    parts += [_endpoints(spec) for spec in registry]
    return "\n".join(parts)


def _endpoints(spec: Provider) -> str:
    rows = [(f"`{name.upper()}`", f"`{address}`") for name, address in spec.endpoints.items() if address]
    return _table((f"`OSMEN_{spec.id.upper()}_<NAME>_URL`", f"{spec.name}'s own"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell or ' ' for cell in line)} |" for line in lines) + "\n"


def _commands() -> str:
    parts = [_NOTICE.format(source="the commands' own help"), _COMMANDS]
    for name, room in sorted(get_commands().items()):
        if room in _OURS:
            command = load_command_class(str(room), name)
            parts += _described(name, command.create_parser("osmen.py", name), command.help)
    return "\n".join(parts)


def _described(name: str, parser: ArgumentParser, meaning: str, level: int = 2) -> Iterator[str]:
    yield f"{'#' * level} `{name}`\n"
    if meaning:
        yield f"{meaning.strip()}\n"
    if rows := list(_flags(parser)):
        yield _table(("argument", "meaning"), rows)
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            meanings = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for word, inner in action.choices.items():
                yield from _described(f"{name} {word}", inner, meanings.get(word, ""), level + 1)


def _flags(parser: ArgumentParser) -> Iterator[tuple[str, str]]:
    """Each argument that is the command's own, as its help shows it."""
    for action in parser._actions:
        if action.dest in _COMMON or isinstance(action, _SubParsersAction):
            continue
        value = "" if action.nargs == 0 else f" {action.metavar or _choices(action.choices) or action.dest.upper()}"
        shown = ", ".join(f"`{flag}{value}`" for flag in action.option_strings) or f"`{value.strip()}`"
        several = f": {', '.join(map(str, action.choices))}" if "ONE" in value and action.choices else ""
        yield shown, f"{action.help or ''}{several}{' (needed)' if action.required else ''}".replace("|", "\\|")


def _choices(choices: object) -> str:
    if not isinstance(choices, list | tuple):
        return ""
    return "/".join(map(str, choices)) if len(choices) <= 4 else "ONE"
