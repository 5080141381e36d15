"""Copy the next event of Google Calendar to Outlook, and say what Outlook has no room for.

python3 osmen.py run examples/copy_event.py [TITLE]
"""

import sys

from integrations import get_integration_layer
from integrations.convert import event_to_microsoft


def main(title: str = "") -> None:
    layer = get_integration_layer()
    upcoming = layer.get_google_calendar().iter_events()
    event = next((one for one in upcoming if title in one.get("summary", "")), None)
    if event is None:
        print("There is no such event.")
        return
    converted = event_to_microsoft({name: value for name, value in event.items() if name != "attendees"})
    made = layer.get_outlook_calendar().create_event(event_data=converted.value)
    print(f"Copied {made['subject']!r}.")
    print(f"Not carried over: {', '.join(converted.lost) or 'nothing'}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
