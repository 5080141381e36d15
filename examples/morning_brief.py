"""What awaits you today: events, unread mail, invitations without an answer. Reads what is stored; needs no network.

python3 osmen.py run examples/morning_brief.py
"""

from datetime import datetime, timedelta

from integrations import get_integration_layer


def main() -> None:
    layer = get_integration_layer()
    now = datetime.now().astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    print(f"{now:%A, %d %B}")
    for event in layer.events(midnight, midnight + timedelta(days=1)):
        when = "all day" if not isinstance(event.start, datetime) else f"{event.start.astimezone():%H:%M}  "
        print(f"  {when}  {event.title} ({event.calendar})")
    unread = layer.inbox(limit=10, unread=True)
    print(f"\n{len(unread)} unread")
    for message in unread:
        print(f"  {message.sender.name or message.sender.email}: {message.subject}")
    soon = layer.events(now, now + timedelta(days=14))
    for event in soon:
        if event.my_answer == "none":
            print(f"\nNot answered: {event.title}, {event.start:%d %B}")


if __name__ == "__main__":
    main()
