"""The hours of the next working day in which all of your accounts are free.

python3 osmen.py run examples/free_time.py
"""

from datetime import datetime, timedelta

from integrations import get_integration_layer


def main() -> None:
    layer = get_integration_layer()
    day = (datetime.now().astimezone() + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    while day.weekday() > 4:
        day += timedelta(days=1)
    end = day + timedelta(hours=8)
    print(f"{day:%A, %d %B}")
    free = day
    for event in layer.events(day, end):
        if not isinstance(event.start, datetime) or not isinstance(event.end, datetime):
            continue  # all-day events leave the hours free
        if event.start > free:
            print(f"  free {free:%H:%M} to {event.start.astimezone():%H:%M}")
        free = max(free, event.end.astimezone())
    if free < end:
        print(f"  free {free:%H:%M} to {end:%H:%M}")


if __name__ == "__main__":
    main()
