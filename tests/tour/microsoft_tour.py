"""A tour of the sandbox's Graph by Microsoft's own SDK, as it is: only the base address differs.

    python -m tests.tour.microsoft_tour BASE REFRESH_TOKEN HOOK

``HOOK`` is an address that answers Graph's handshake.

Run by ``test_microsoft`` with an interpreter of its own, where msgraph-sdk and msal are installed; prints what it saw
as JSON. MSAL refuses authorities that are not https, so that its transport is given, and writes the host anew.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msal
import requests
from azure.core.credentials import AccessToken
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.contact import Contact
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.file_attachment import FileAttachment
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.message import Message
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.models.subscription import Subscription
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder
from msgraph.generated.users.item.messages.item.create_reply.create_reply_post_request_body import (
    CreateReplyPostRequestBody,
)
from msgraph.generated.users.item.messages.item.move.move_post_request_body import MovePostRequestBody
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

WINDOW = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters
SCOPES = ["Mail.ReadWrite", "Mail.Send", "Calendars.ReadWrite", "Contacts.ReadWrite", "User.Read"]
SCOPES += ["MailboxSettings.ReadWrite", "User.ReadBasic.All"]


class Nearby(requests.Session):
    """MSAL's transport: what is meant for Microsoft goes to the sandbox."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def request(self, method: str, url: str, *args: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        parts = urlsplit(url)
        path = parts.path.removeprefix("/microsoft")
        query = f"?{parts.query}" if parts.query else ""
        answer = super().request(method, f"{self.base}/microsoft{path}{query}", *args, **options)
        here, there = f"{self.base}/microsoft".encode(), b"https://login.microsoftonline.com"
        answer._content = answer.content.replace(here, there)
        return answer


class Signed:
    """The SDK's credential: access tokens by MSAL."""

    def __init__(self, base: str, refresh_token: str) -> None:
        self.app = msal.ConfidentialClientApplication(
            "sandbox-microsoft",
            client_credential="sandbox-microsoft-secret",
            authority="https://login.microsoftonline.com/common",
            http_client=Nearby(base),
            instance_discovery=False,
        )
        self.found = self.app.acquire_token_by_refresh_token(refresh_token, scopes=SCOPES)
        assert "access_token" in self.found, self.found

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken(self.found["access_token"], int(time.time()) + 3000)


def person(address: str) -> Recipient:
    return Recipient(email_address=EmailAddress(address=address))


async def letters(graph: Any, me: str) -> dict[str, Any]:
    """A letter with an attachment, to oneself, and a reply to it."""
    own = graph.me.messages
    draft = await own.post(Message(subject="Roof", to_recipients=[person(me)]))
    file = FileAttachment(odata_type="#microsoft.graph.fileAttachment", name="plan.pdf", content_bytes=b"%PDF")
    await own.by_message_id(draft.id).attachments.post(file)
    await own.by_message_id(draft.id).send.post()
    inbox = await graph.me.mail_folders.by_mail_folder_id("inbox").messages.get()
    came = next(one for one in inbox.value if one.subject == "Roof")
    [listed] = (await own.by_message_id(came.id).attachments.get()).value
    whole = await own.by_message_id(came.id).attachments.by_attachment_id(listed.id).get()
    reply = await own.by_message_id(came.id).create_reply.post(CreateReplyPostRequestBody(comment="Yes"))
    await own.by_message_id(reply.id).send.post()
    return {
        "file": [type(whole).__name__, whole.name, whole.content_bytes.decode()],
        "reply": [reply.subject, reply.conversation_id == came.conversation_id],
    }


async def days(graph: Any, event: str) -> dict[str, Any]:
    """A week of the calendar, alone and inside a batch; the batch's second request has an id that is none."""
    window = WINDOW(start_date_time="2026-11-30T00:00:00Z", end_date_time="2026-12-07T00:00:00Z")
    asked: RequestConfiguration[Any] = RequestConfiguration(query_parameters=window)
    week = await graph.me.calendar_view.get(request_configuration=asked)
    parts = {
        "week": graph.me.calendar_view.to_get_request_information(asked),
        "nothing": graph.me.events.by_event_id("nothing").to_get_request_information(),
    }
    items = {name: BatchRequestItem(part, name) for name, part in parts.items()}
    for item in items.values():  # the SDK sends the whole address here, which Graph itself refuses, too
        item.url = item.url.partition("/v1.0")[2]
    answers = await graph.batch.post(BatchRequestContent(items))  # the SDK reads no JSON bodies out of it
    return {
        "week": [one.id == event for one in week.value],
        "batch": answers.get_response_status_codes(),
    }


async def notices(graph: Any, hook: str) -> list[Any]:
    """A subscription, opened, renewed and ended."""
    soon, late = (datetime.now(UTC) + timedelta(days=number) for number in (1, 2))
    wanted = Subscription(
        change_type="created", notification_url=hook, resource="me/messages", expiration_date_time=soon
    )
    made = await graph.subscriptions.post(wanted)
    own = graph.subscriptions.by_subscription_id(made.id)
    renewed = await own.patch(Subscription(expiration_date_time=late))
    listed = len((await graph.subscriptions.get()).value)
    await own.delete()
    return [renewed.expiration_date_time > made.expiration_date_time, listed, (await graph.subscriptions.get()).value]


def client(base: str, refresh_token: str) -> Any:
    """The SDK's client of a sandbox's Graph."""
    host = urlsplit(base).hostname or ""
    provider = AzureIdentityAuthenticationProvider(Signed(base, refresh_token), allowed_hosts=[host])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{base}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


async def tour(base: str, refresh_token: str, hook: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    graph = client(base, refresh_token)
    me = await graph.me.get()
    seen["me"] = me.mail or me.user_principal_name
    draft = await graph.me.messages.post(
        Message(
            subject="Tour", body=ItemBody(content_type=BodyType.Text, content="Hi"), to_recipients=[person(seen["me"])]
        )
    )
    await graph.me.messages.by_message_id(draft.id).patch(Message(subject="The tour"))
    await graph.me.messages.by_message_id(draft.id).send.post()
    mail = Message(subject="At once", body=ItemBody(content="Hi"), to_recipients=[person(seen["me"])])
    await graph.me.send_mail.post(SendMailPostRequestBody(message=mail, save_to_sent_items=True))
    inbox = await graph.me.mail_folders.by_mail_folder_id("inbox").messages.get()
    seen["inbox"] = sorted(one.subject for one in inbox.value)
    changes = await graph.me.mail_folders.by_mail_folder_id("inbox").messages.delta.get()
    seen["delta"] = len(changes.value)
    first = inbox.value[0]
    raw = await graph.me.messages.by_message_id(first.id).content.get()
    seen["mime"] = b"Subject:" in raw
    moved = await graph.me.messages.by_message_id(first.id).move.post(MovePostRequestBody(destination_id="archive"))
    seen["moved"] = moved.id != first.id
    again = (
        await graph.me.mail_folders.by_mail_folder_id("inbox").messages.delta.with_url(changes.odata_delta_link).get()
    )
    seen["removed"] = [bool(one.additional_data.get("@removed")) for one in again.value]
    seen["folders"] = len((await graph.me.mail_folders.get()).value)

    at = DateTimeTimeZone(date_time="2026-12-01T10:00:00", time_zone="Europe/Paris")
    end = DateTimeTimeZone(date_time="2026-12-01T11:00:00", time_zone="Europe/Paris")
    guest = Attendee(email_address=EmailAddress(address="eva@example.org"))
    made = await graph.me.events.post(Event(subject="Tea", start=at, end=end, attendees=[guest]))
    changed = await graph.me.events.by_event_id(made.id).patch(Event(subject="Coffee"))
    seen["event"] = [changed.subject, changed.start.time_zone]
    seen["calendars"] = len((await graph.me.calendars.get()).value)
    seen |= await days(graph, made.id)
    await graph.me.events.by_event_id(made.id).delete()
    try:
        await graph.me.events.by_event_id(made.id).get()
    except ODataError as error:
        seen["gone"] = [error.response_status_code, error.error.code]

    known = await graph.me.contacts.post(Contact(given_name="Eva", surname="Ek"))
    seen["contacts"] = [one.given_name for one in (await graph.me.contacts.get()).value]
    await graph.me.contacts.by_contact_id(known.id).delete()
    seen |= await letters(graph, seen["me"])
    seen["notices"] = await notices(graph, hook)
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(tour(*sys.argv[1:]))))
