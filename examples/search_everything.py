"""Search mail, calendars and address books of all accounts at once.

python3 osmen.py run examples/search_everything.py WORDS
"""

import sys

from integrations import get_integration_layer


def main(*words: str) -> None:
    found = get_integration_layer().search(" ".join(words), limit=5)
    for message in found.messages:
        print(f"mail    {message.date:%Y-%m-%d}  {message.subject}  ({message.account})")
    for event in found.events:
        print(f"event   {event.start:%Y-%m-%d}  {event.title}  ({event.account})")
    for person in found.people:
        print(f"person  {person.name}  {', '.join(person.emails)}  ({person.account})")
    print(f"{len(found)} found")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("Say what to search for: search_everything.py WORDS")
    main(*sys.argv[1:])
