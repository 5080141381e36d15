"""One conversation as its pane shows it: the newest message and the unread ones open, the older ones folded."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, F, Q, TextField, Value, When
from django.utils.safestring import SafeString

from accounts.clock import Clock
from integrations.models import Connection
from integrations.records import Role
from mail.models import Attachment, Message, MessageFolder, Thread
from mail.queries import letters
from mail.queries.attachments import Item, item
from mail.queries.letters import Unsent
from mail.reading.text import render

_AWAY = {Role.TRASH.value, Role.SPAM.value}
_LABELS = {Role.USER.value}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message; all words are ready. ``text`` is empty where ``html`` says that the body has an address of its own."""

    id: int
    who: str
    email: str
    initials: str
    to: str
    time: str
    iso: str
    whole: str
    snippet: str
    open: bool
    unread: bool
    draft: bool
    html: bool
    text: SafeString
    attachments: list[Item]
    inline_wanted: bool
    has_invitation: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its messages, oldest first."""

    thread: Thread
    connection: Connection
    messages: list[Shown]
    labels: list[str]
    filed: frozenset[int]
    unsent: list[Unsent]

    @property
    def subject(self) -> str:
        return self.thread.subject or "No subject"

    @property
    def unread(self) -> bool:
        return any(m.unread for m in self.messages)

    @property
    def last(self) -> int:
        """What is newer has come since."""
        return max((m.id for m in self.messages), default=0)

    @property
    def sending(self) -> bool:
        return any(not u.refused for u in self.unsent)


def read(thread: Thread, connection: Connection, clock: Clock) -> Conversation:
    """Four queries. Messages in trash or spam are left out, unless there are no others."""
    rows = list(
        Message.objects.filter(thread=thread, detached_at=None)
        .annotate(
            has_html=~Q(body__html=""),
            plain=Case(When(body__html="", then=F("body__text")), default=Value(""), output_field=TextField()),
        )
        .order_by("date", "id")
    )
    ids = [m.pk for m in rows]
    members = MessageFolder.objects.filter(message__in=ids)
    places = list(members.values_list("message_id", "folder__role", "folder__name", "folder_id"))
    away = {m for m, role, _, _ in places if role in _AWAY}
    shown = [m for m in rows if m.pk not in away] or rows
    attached: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(message__in=ids):
        attached.setdefault(attachment.message_id, []).append(attachment)
    last = shown[-1].pk if shown else 0
    return Conversation(
        thread,
        connection,
        [_shown(m, connection.email, clock, attached.get(m.pk, []), m.unread or m.pk == last) for m in shown],
        sorted({name for _, role, name, _ in places if role in _LABELS}),
        frozenset(folder for m, _, _, folder in places if m not in away),
        letters.of_thread(thread),
    )


def _shown(message: Message, owner: str, clock: Clock, attached: list[Attachment], opened: bool) -> Shown:
    mine = message.sender_email.casefold() == owner.casefold()
    name = message.sender_name or message.sender_email or "No sender"
    has_html = bool(message.has_html)  # type: ignore[attr-defined]  # annotated above
    inline = [a for a in attached if has_html and a.inline and a.content_id]
    return Shown(
        id=message.pk,
        who="You" if mine else name,
        email=message.sender_email,
        initials=_initials(name),
        to=_recipients(message, owner.casefold()),
        time=clock.short(message.date),
        iso=message.date.isoformat(),
        whole=clock.whole(message.date),
        snippet=message.snippet,
        open=opened,
        unread=message.unread,
        draft=message.draft,
        html=has_html,
        text=SafeString("") if has_html else render(message.plain),  # type: ignore[attr-defined]
        attachments=[item(a) for a in attached if a not in inline],
        inline_wanted=any(a.state == Attachment.State.ABSENT for a in inline),
        has_invitation=message.has_invitation,
    )


def _initials(name: str) -> str:
    words = [w for w in name.replace(".", " ").replace("@", " ").split() if w[0].isalnum()]
    return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


def _recipients(message: Message, owner: str) -> str:
    people = [*message.to, *message.cc, *message.bcc]
    names = ["you" if email.casefold() == owner else name or email for name, email in people]
    names.sort(key=lambda n: n != "you")
    if not names:
        return "to nobody yet" if message.draft else "to undisclosed recipients"
    if len(names) <= 3:
        return "to " + ", ".join(names)
    return f"to {names[0]}, {names[1]} and {len(names) - 2} others"
