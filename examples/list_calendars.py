"""The calendars of every connected account, asked at their providers.

python3 osmen.py run examples/list_calendars.py
"""

from integrations import get_integration_layer


def main() -> None:
    manager = get_integration_layer().get_calendar_manager()
    for account in manager.get_status()["accounts"]:
        print(account["account"])
        for calendar in manager.list_calendars(account=account["account"]):
            print(f"  {calendar.name}{' (default)' if calendar.primary else ''}, {calendar.time_zone}")


if __name__ == "__main__":
    main()
