"""Make an event tomorrow at ten in Google Calendar, in Google's own form.

python3 osmen.py run examples/create_event.py [ACCOUNT]
"""

import sys
from datetime import datetime, timedelta

from integrations import get_integration_layer


def main(account: str | None = None) -> None:
    calendar = get_integration_layer().get_google_calendar(account)
    start = (datetime.now().astimezone() + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    event = calendar.create_event(
        "primary",
        {
            "summary": "Plan the week",
            "description": "Made by an example of OsMEN.",
            "start": {"dateTime": start.isoformat()},
            "end": {"dateTime": (start + timedelta(hours=1)).isoformat()},
            "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]},
        },
    )
    print(f"Made {event['summary']!r}: {event['htmlLink']}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
