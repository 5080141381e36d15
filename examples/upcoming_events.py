"""The next ten events of all accounts in one list, asked at their providers.

python3 osmen.py run examples/upcoming_events.py
"""

from integrations import get_integration_layer


def main() -> None:
    for event in get_integration_layer().get_calendar_manager().list_events(max_results=10):
        when = event.start if event.all_day else f"{event.start:%Y-%m-%d %H:%M} UTC"
        print(f"{when}  {event.title}{f', {event.location}' if event.location else ''}")


if __name__ == "__main__":
    main()
