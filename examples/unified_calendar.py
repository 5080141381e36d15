"""The same event in two accounts, each made on purpose; then one calendar over both.

A write goes to the account that is named. Without a name, and with several accounts, the manager asks instead of
guessing.

    python3 osmen.py run examples/unified_calendar.py
"""

from datetime import datetime, timedelta

from integrations import get_integration_layer
from integrations.layers.accounts import ChoiceNeeded


def main() -> None:
    manager = get_integration_layer().get_calendar_manager()
    start = (datetime.now().astimezone() + timedelta(days=2)).replace(hour=15, minute=0, second=0, microsecond=0)
    event = {"title": "Tea with both of me", "start": start, "end": start + timedelta(minutes=45)}
    try:
        manager.create_event(event)
    except ChoiceNeeded as question:
        print(question.explanation)
        for account in question.choices:
            made = manager.create_event(event, account=account)
            print(f"Made in {account}: {made.title}")
    for found in manager.list_events(None, start=start, end=start + timedelta(hours=1)):
        print(f"{found.start:%H:%M} UTC  {found.title}")


if __name__ == "__main__":
    main()
