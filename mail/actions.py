"""What a reader does to conversations. Each edit changes the rows here and puts one entry per message in the outbox, in
one transaction: the page shows it at once, the provider hears of it soon. Sending is left to the outbox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.http import Http404

from accounts.models import User
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.outbox import queue
from integrations.records import Role, Service
from mail.models import Folder, Message, MessageFolder, Thread
from mail.plans import FILED, Action, Placed, Step, Ways, inverse, labelling, moving, plan
from mail.store import edit, of_change, walked_alone

MOST_THREADS = 300


@dataclass(frozen=True, slots=True)
class Done:
    """The numbers of the edits in the outbox, and how many conversations they changed."""

    changes: list[int]
    threads: int


@transaction.atomic
def perform(user: User, action: Action, thread_ids: Sequence[int]) -> Done:
    """Do it to those of the conversations that are the user's; others are passed over."""
    changes: list[int] = []
    touched: set[int] = set()
    for connection, threads in _threads(user, thread_ids[:MOST_THREADS]).items():
        ways = _ways(connection)
        steps = [found for messages in threads.values() for found in plan(action, ways, messages)]
        changes += _carry_out(connection, [(placed.message.provider_id, step) for placed, step in steps])
        touched |= {placed.message.thread_id for placed, _ in steps}
    return Done(changes, len(touched))


@dataclass(frozen=True, slots=True)
class Filed:
    """What filing did. ``elsewhere``: conversations of other accounts than the folder's, which it passed over."""

    done: Done
    folder: str
    elsewhere: int


def move(user: User, thread_ids: Sequence[int], folder_id: int) -> Filed:
    """Put conversations' messages, but for those written or thrown away, into a folder of their account.

    Raises ``Http404`` for a folder that is not the user's.
    """
    return _file(user, thread_ids, folder_id, FILED, moving)


def put_under(user: User, thread_ids: Sequence[int], label_id: int, *, off: bool = False) -> Filed:
    """Put conversations under a label of their account, or take them ``off`` it. Raises ``Http404`` as ``move``."""
    return _file(
        user,
        thread_ids,
        label_id,
        (Role.USER,),
        lambda folder, placed: labelling([] if off else [folder], [folder] if off else [], placed),
    )


@transaction.atomic
def label(thread: Thread, folder_ids: set[int]) -> Done:
    """Put a conversation under exactly these labels of its account; those of its messages that differ are changed."""
    labels = {f.pk: f for f in Folder.objects.filter(connection=thread.connection_id, role=Role.USER.value)}
    shown = set(
        MessageFolder.objects.filter(message__thread=thread, folder__in=list(labels)).values_list(
            "folder_id", flat=True
        )
    )
    added = [labels[pk] for pk in sorted((folder_ids & labels.keys()) - shown)]
    removed = [labels[pk] for pk in sorted(shown - folder_ids)]
    found = _threads(thread.user, [thread.pk])
    return _step_by_step(found, lambda placed: labelling(added, removed, placed))


@transaction.atomic
def _file(
    user: User,
    thread_ids: Sequence[int],
    folder_id: int,
    roles: Sequence[Role],
    step: Callable[[Folder, Placed], Step | None],
) -> Filed:
    folder = Folder.objects.filter(connection__user=user, pk=folder_id, role__in=roles).first()
    if folder is None:
        raise Http404
    found = _threads(user, thread_ids[:MOST_THREADS])
    here = {c: threads for c, threads in found.items() if c.pk == folder.connection_id}
    elsewhere = sum(len(threads) for c, threads in found.items() if c not in here)
    return Filed(_step_by_step(here, lambda placed: step(folder, placed)), folder.name, elsewhere)


def _step_by_step(
    found: Mapping[Connection, Mapping[int, Sequence[Placed]]], step: Callable[[Placed], Step | None]
) -> Done:
    changes: list[int] = []
    touched: set[int] = set()
    for connection, threads in found.items():
        steps = [(p, s) for placed in threads.values() for p in placed if (s := step(p))]
        changes += _carry_out(connection, [(p.message.provider_id, s) for p, s in steps])
        touched |= {p.message.thread_id for p, _ in steps}
    return Done(changes, len(touched))


@transaction.atomic
def undo(user: User, numbers: Sequence[int]) -> int:
    """Take edits back, the newest first: one still waiting is withdrawn, one sent is answered with its inverse."""
    changes = Change.objects.filter(connection__user=user, service=Service.MAIL.value, number__in=numbers)
    by_connection: dict[Connection, list[Change]] = defaultdict(list)
    for change in changes.select_related("connection").order_by("-number"):
        by_connection[change.connection].append(change)
    for connection, made in by_connection.items():
        for change in made:
            withdrawn, _ = Change.objects.filter(pk=change.pk, state=ChangeState.WAITING).delete()
            if withdrawn:
                operation, payload = inverse(change)
                back = Change(connection=connection, operation=operation, target_id=change.target_id, payload=payload)
                edit(connection, [of_change(back)])
            elif change.state == ChangeState.REFUSED:
                queue.discard(change)
            else:
                _carry_out(connection, [(change.target_id, inverse(change))])
    return sum(len(made) for made in by_connection.values())


def settle_refused(user: User, change_id: UUID, *, again: bool) -> None:
    """Try a refused edit again, or give it up. Raises ``Http404`` where it is not the user's or not refused."""
    change = Change.objects.filter(
        connection__user=user, service=Service.MAIL.value, state=ChangeState.REFUSED, id=change_id
    ).first()
    if change is None:
        raise Http404
    (queue.retry if again else queue.discard)(change)


def _threads(user: User, thread_ids: Sequence[int]) -> dict[Connection, dict[int, list[Placed]]]:
    rows = Message.objects.filter(thread__user=user, thread__in=list(thread_ids), detached_at=None)
    placed = {m.pk: Placed(m) for m in rows.select_related("connection").order_by("date", "id")}
    for membership in MessageFolder.objects.filter(message__in=list(placed)).select_related("folder"):
        placed[membership.message_id].folders.append(membership.folder)
    found: dict[Connection, dict[int, list[Placed]]] = defaultdict(lambda: defaultdict(list))
    for item in placed.values():
        found[item.message.connection][item.message.thread_id].append(item)
    return found


def _ways(connection: Connection) -> Ways:
    roles = {f.role: f for f in Folder.objects.filter(connection=connection).order_by("-pk")}
    return Ways(bool(walked_alone(connection)), roles)


def _carry_out(connection: Connection, steps: Sequence[tuple[str, Step]]) -> list[int]:
    made = [
        queue.enqueue(connection, Service.MAIL, operation, target, payload) for target, (operation, payload) in steps
    ]
    edit(connection, [of_change(c) for c in made])
    return [c.number for c in made]
