"""The rest of the tour by Microsoft's own SDK: settings, large attachments, meetings, answers, folders, photos.

    python -m tests.tour.microsoft_services BASE REFRESH_TOKEN INVITED

``INVITED`` is the subject of an invitation that waits in the mailbox, which is one of a work account.

Run by ``test_microsoft`` like ``microsoft_tour``, whose sign-in it uses.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date
from typing import Any

from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from msgraph import GraphRequestAdapter
from msgraph.generated.models.attachment_item import AttachmentItem
from msgraph.generated.models.attachment_type import AttachmentType
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.automatic_replies_setting import AutomaticRepliesSetting
from msgraph.generated.models.automatic_replies_status import AutomaticRepliesStatus
from msgraph.generated.models.calendar import Calendar
from msgraph.generated.models.category_color import CategoryColor
from msgraph.generated.models.contact import Contact
from msgraph.generated.models.contact_folder import ContactFolder
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.day_of_week import DayOfWeek
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.exchange_id_format import ExchangeIdFormat
from msgraph.generated.models.mail_folder import MailFolder
from msgraph.generated.models.mailbox_settings import MailboxSettings
from msgraph.generated.models.message import Message
from msgraph.generated.models.online_meeting_provider_type import OnlineMeetingProviderType
from msgraph.generated.models.outlook_category import OutlookCategory
from msgraph.generated.models.patterned_recurrence import PatternedRecurrence
from msgraph.generated.models.recurrence_pattern import RecurrencePattern
from msgraph.generated.models.recurrence_pattern_type import RecurrencePatternType
from msgraph.generated.models.recurrence_range import RecurrenceRange
from msgraph.generated.models.recurrence_range_type import RecurrenceRangeType
from msgraph.generated.models.upload_session import UploadSession
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import (
    GetSchedulePostRequestBody,
)
from msgraph.generated.users.item.events.item.accept.accept_post_request_body import AcceptPostRequestBody
from msgraph.generated.users.item.events.item.instances.instances_request_builder import InstancesRequestBuilder
from msgraph.generated.users.item.messages.item.attachments.create_upload_session import (
    create_upload_session_post_request_body as upload,
)
from msgraph.generated.users.item.messages.item.forward.forward_post_request_body import ForwardPostRequestBody
from msgraph.generated.users.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.users.item.translate_exchange_ids.translate_exchange_ids_post_request_body import (
    TranslateExchangeIdsPostRequestBody,
)

from tests.tour.microsoft_tour import WINDOW, client, person

LISTED = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters
INSTANCES = InstancesRequestBuilder.InstancesRequestBuilderGetQueryParameters
LARGE, RANGE = bytes(range(256)) * 4096 * 5, 2 * 1024 * 1024  # 5 MB


def at(hour: int, zone: str = "UTC") -> DateTimeTimeZone:
    return DateTimeTimeZone(date_time=f"2026-12-01T{hour:02}:00:00", time_zone=zone)


async def settings(graph: Any) -> dict[str, Any]:
    """The mailbox's zone and automatic replies, its categories, the zones that Outlook knows, immutable ids."""
    own = graph.me.mailbox_settings
    away = AutomaticRepliesSetting(
        status=AutomaticRepliesStatus.AlwaysEnabled, internal_reply_message="Away", external_reply_message="Away"
    )
    await own.patch(MailboxSettings(time_zone="W. Europe Standard Time", automatic_replies_setting=away))
    now = await own.get()
    categories = graph.me.outlook.master_categories
    made = await categories.post(OutlookCategory(display_name="Tour", color=CategoryColor.Preset3))
    listed = [one.display_name for one in (await categories.get()).value]
    await categories.by_outlook_category_id(made.id).delete()
    zones = await graph.me.outlook.supported_time_zones.get()
    return {
        "settings": [
            now.time_zone,
            now.automatic_replies_setting.status.value,
            now.working_hours.days_of_week[0].value,
        ],
        "categories": ["Tour" in listed, len((await categories.get()).value) == len(listed) - 1],
        "zones": any(one.alias == "W. Europe Standard Time" for one in zones.value),
    }


async def large(graph: Any, me: str) -> list[Any]:
    """A letter with an attachment of 5 MB, by an upload session."""
    own = graph.me.messages
    draft = await own.post(Message(subject="Large", to_recipients=[person(me)]))
    item = AttachmentItem(attachment_type=AttachmentType.File, name="film.bin", size=len(LARGE))
    body = upload.CreateUploadSessionPostRequestBody(attachment_item=item)
    session = await own.by_message_id(draft.id).attachments.create_upload_session.post(body)
    # At Microsoft the address is of another host, to which the SDK sends no token; here it is of the same. The SDK's
    # own upload task fails over the second range: it wants a number on both sides of the dash in "2097152-".
    bare, ends = GraphRequestAdapter(AnonymousAuthenticationProvider()), session.next_expected_ranges
    for first in range(0, len(LARGE), RANGE):
        assert ends and ends[0].partition("-")[0] == str(first), ends
        put = RequestInformation(Method.PUT)
        put.url = session.upload_url
        piece = LARGE[first : first + RANGE]
        put.headers.add("Content-Range", f"bytes {first}-{first + len(piece) - 1}/{len(LARGE)}")
        put.headers.add("Content-Length", str(len(piece)))
        put.set_stream_content(piece, "application/octet-stream")
        answer = await bare.send_async(put, UploadSession, {})
        ends = answer.next_expected_ranges if answer else None
    [kept] = (await own.by_message_id(draft.id).attachments.get()).value
    whole = await own.by_message_id(draft.id).attachments.by_attachment_id(kept.id).get()
    return [ends is None, kept.name, whole.content_bytes and len(whole.content_bytes)]


async def meetings(graph: Any, me: str, invited: str) -> dict[str, Any]:
    """An invitation answered; a video call that repeats, with its dates; who is free."""
    window = WINDOW(start_date_time="2026-11-20T00:00:00Z", end_date_time="2027-01-20T00:00:00Z")
    asked: RequestConfiguration[Any] = RequestConfiguration(query_parameters=window)
    week = (await graph.me.calendar_view.get(request_configuration=asked)).value
    meeting = next(one for one in week if one.subject == invited)
    own = graph.me.events
    await own.by_event_id(meeting.id).accept.post(AcceptPostRequestBody(comment="Yes", send_response=True))
    answered = await own.by_event_id(meeting.id).get()
    pattern = RecurrencePattern(
        type=RecurrencePatternType.Weekly,
        interval=1,
        days_of_week=[DayOfWeek.Tuesday],
        first_day_of_week=DayOfWeek.Monday,
    )
    span = RecurrenceRange(
        type=RecurrenceRangeType.Numbered,
        start_date=date(2026, 12, 1),
        number_of_occurrences=3,
        recurrence_time_zone="UTC",
    )
    call = Event(
        subject="Call",
        start=at(9),
        end=at(10),
        is_online_meeting=True,
        online_meeting_provider=OnlineMeetingProviderType.TeamsForBusiness,
        recurrence=PatternedRecurrence(pattern=pattern, range=span),
        attendees=[Attendee(email_address=EmailAddress(address="eva@example.org"))],
    )
    made = await own.post(call)
    around = INSTANCES(start_date_time="2026-11-20T00:00:00Z", end_date_time="2027-01-20T00:00:00Z")
    dates = await own.by_event_id(made.id).instances.get(
        request_configuration=RequestConfiguration(query_parameters=around)
    )
    body = GetSchedulePostRequestBody(schedules=[me], start_time=at(8), end_time=at(12), availability_view_interval=60)
    free = await graph.me.calendar.get_schedule.post(body)
    club = await graph.me.calendars.post(Calendar(name="Club"))
    await graph.me.calendars.by_calendar_id(club.id).events.post(Event(subject="Match", start=at(20), end=at(22)))
    there = (await graph.me.calendars.by_calendar_id(club.id).events.get()).value
    await graph.me.calendars.by_calendar_id(club.id).delete()
    return {
        "answered": answered.response_status.response.value,
        "call": [made.is_online_meeting, made.online_meeting.join_url.startswith("https://teams."), len(dates.value)],
        "dates": sorted({one.type.value for one in dates.value}),
        "schedule": free.value[0].availability_view,
        "club": [one.subject for one in there],
    }


async def folders(graph: Any, me: str) -> dict[str, Any]:
    """Folders of mail and of contacts, a photo, queries, forwarding, ids that stay."""
    made = await graph.me.mail_folders.post(MailFolder(display_name="Choir"))
    renamed = await graph.me.mail_folders.by_mail_folder_id(made.id).patch(MailFolder(display_name="Band"))
    await graph.me.mail_folders.by_mail_folder_id(made.id).delete()
    query = LISTED(filter="isRead eq false", select=["subject", "isRead"], top=5, count=True)
    unread = await graph.me.messages.get(request_configuration=RequestConfiguration(query_parameters=query))
    forward = ForwardPostRequestBody(comment="See below", to_recipients=[person(me)])
    await graph.me.messages.by_message_id(unread.value[0].id).forward.post(forward)
    query = LISTED(search='"subject:FW"')
    found = await graph.me.messages.get(request_configuration=RequestConfiguration(query_parameters=query))
    body = TranslateExchangeIdsPostRequestBody(
        input_ids=[unread.value[0].id],
        source_id_type=ExchangeIdFormat.RestId,
        target_id_type=ExchangeIdFormat.RestImmutableEntryId,
    )
    ids = (await graph.me.translate_exchange_ids.post(body)).value
    shelf = await graph.me.contact_folders.post(ContactFolder(display_name="Neighbours"))
    book = graph.me.contact_folders.by_contact_folder_id(shelf.id).contacts
    eva = await book.post(Contact(given_name="Eva", email_addresses=[EmailAddress(address="eva@example.org")]))
    photo = graph.me.contacts.by_contact_id(eva.id).photo.content
    config: RequestConfiguration[Any] = RequestConfiguration()
    config.headers.add("Content-Type", "image/png")
    await photo.put(b"\x89PNG\r\n\x1a\npicture", request_configuration=config)
    return {
        "folder": renamed.display_name,
        "unread": [one.is_read for one in unread.value] and unread.odata_count == len(unread.value),
        "forwarded": len(found.value) > 0,
        "translated": ids[0].target_id != ids[0].source_id,
        "shelf": [one.given_name for one in (await book.get()).value],
        "changes": len((await book.delta.get()).value),
        "photo": (await photo.get()).startswith(b"\x89PNG"),
    }


async def tour(base: str, refresh_token: str, invited: str) -> dict[str, Any]:
    graph = client(base, refresh_token)
    me = (await graph.me.get()).mail
    seen = await settings(graph)
    seen["large"] = await large(graph, me)
    seen |= await meetings(graph, me, invited)
    seen |= await folders(graph, me)
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(tour(*sys.argv[1:]))))
