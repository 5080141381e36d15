"""The same event in every account, each made on purpose; then one calendar over all of them.

A write goes to the account that is named. Without a name it goes to the primary account, and where none is chosen the
manager asks instead of guessing.

    python3 osmen.py run examples/unified_calendar.py
"""

from datetime import datetime, timedelta

from integrations import get_integration_layer


def main() -> None:
    manager = get_integration_layer().get_calendar_manager()
    status = manager.get_status()
    print(f"Without a name: {status['primary_account'] or 'the manager asks which account is meant'}.")
    start = (datetime.now().astimezone() + timedelta(days=2)).replace(hour=15, minute=0, second=0, microsecond=0)
    event = {"title": "Tea with both of me", "start": start, "end": start + timedelta(minutes=45)}
    for one in status["accounts"]:
        made = manager.create_event(event, account=one["account"])
        print(f"Made in {one['account']}: {made.title}")
    for found in manager.list_events(None, start=start, end=start + timedelta(hours=1)):
        print(f"{found.start:%H:%M} UTC  {found.title}")


if __name__ == "__main__":
    main()
