"""Getting the content of attachments: a page asks, a background task fetches, the page offers it when it is here."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.errors import IntegrationError
from integrations.models.connection import State as ConnectionState
from integrations.records import Service
from integrations.vault import tokens
from mail.files import files
from mail.models import Attachment

State = Attachment.State
# A task that was lost is asked for again after this time.
LOST = timedelta(minutes=2)


def want(attachments: QuerySet[Attachment]) -> int:
    """Ask for those that are neither here nor on their way; how many those are. They are fetched after the commit."""
    now = timezone.now()
    idle = Q(state__in=(State.ABSENT, State.FAILED)) | Q(state=State.WANTED, state_at__lt=now - LOST)
    with transaction.atomic():
        ids = list(attachments.filter(idle).values_list("pk", flat=True))
        Attachment.objects.filter(pk__in=ids).update(state=State.WANTED, state_at=now, explanation="")
        transaction.on_commit(lambda: _enqueue(ids))
    return len(ids)


def _enqueue(ids: list[int]) -> None:
    from mail.tasks import fetch_attachment

    for pk in ids:
        fetch_attachment.delay(pk)


def fetch(attachment_id: int) -> None:
    """Fetch one that is wanted. Whatever goes wrong is said on it, and asking again tries again."""
    wanted = Attachment.objects.select_related("message__connection__app").filter(pk=attachment_id, state=State.WANTED)
    attachment = wanted.first()
    if attachment is None:
        return
    connection = attachment.message.connection
    if connection.state != ConnectionState.ACTIVE:
        _settle(attachment, State.FAILED, "This account is not connected now.")
        return
    try:
        client = connection.provider_spec.mail(tokens.session(connection, tokens.Purpose.FETCH, Service.MAIL))
        content = client.attachment(attachment.message.provider_id, attachment.part_id)
    except IntegrationError as error:
        _settle(attachment, State.FAILED, error.explanation)
        return
    files.save(connection.pk, str(attachment.pk), content)
    _settle(attachment, State.HERE, "")


def _settle(attachment: Attachment, state: Attachment.State, explanation: str) -> None:
    Attachment.objects.filter(pk=attachment.pk).update(
        state=state, state_at=timezone.now(), explanation=explanation[:300]
    )
