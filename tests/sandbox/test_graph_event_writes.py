"""Writing events at the sandbox's Graph: create, change, delete, answer, series and their exceptions, calendars."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.oauth.microsoft.tenants import PERSONAL
from sandbox.seeds import SeedAccount, SeedAttendee, SeedCalendar, SeedEvent
from tests.sandbox.graph_client import Graph
from tests.sandbox.graph_seeds import BO, EVA, JUNE, graph


def _time(text: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": f"2026-06-{text}", "timeZone": zone}


def _event(**more: Any) -> dict[str, Any]:
    return {"subject": "Talk", "start": _time("15T10:00:00"), "end": _time("15T11:00:00"), **more}


def _weekly(**span: Any) -> dict[str, Any]:
    pattern = {"type": "Weekly", "interval": 1, "daysOfWeek": ["Monday"], "firstDayOfWeek": "monday"}
    return {"pattern": pattern, "range": {"type": "noEnd", "startDate": "2026-06-15"} | span}


def test_an_event_is_made_once_for_a_transaction_id() -> None:
    g = graph()
    first = g.post("me/events", _event(transactionId="t-1", body={"contentType": "text", "content": "Hi"}))
    again = g.post("me/events", _event(transactionId="t-1"))
    assert first["id"] == again["id"] and first["isOrganizer"] and first["bodyPreview"] == "Hi"
    assert len(g.get("me/events")["value"]) == 1


def test_zones_are_stored_as_outlook_names_them() -> None:
    g = graph()
    times = {"start": _time("15T10:00", "Europe/Berlin"), "end": _time("15T11:00", "Europe/Berlin")}
    made = g.post("me/events", _event() | times)
    assert made["originalStartTimeZone"] == "W. Europe Standard Time"
    assert made["start"]["dateTime"] == "2026-06-15T08:00:00.0000000"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"end": _time("14T10:00:00")}, "ErrorPropertyValidationFailure"),
        ({"start": {"dateTime": "soon", "timeZone": "UTC"}}, "ErrorInvalidRequest"),
        ({"start": _time("15T10:00", "Mars")}, "ErrorInvalidTimeZone"),
        ({"isAllDay": True}, "ErrorPropertyValidationFailure"),
        ({"showAs": "napping"}, "ErrorInvalidRequest"),
        ({"attendees": [{"emailAddress": {"name": "x"}}]}, "ErrorInvalidRecipients"),
        ({"seriesMasterId": "x"}, "ErrorInvalidPropertySet"),
        ({"subjct": "x"}, "RequestBodyRead"),
        ({"recurrence": _weekly(startDate="2026-06-16")}, "ErrorInvalidRecurrence"),
        ({"recurrence": {"pattern": {"type": "hourly"}}}, "ErrorInvalidRecurrence"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], code: str) -> None:
    refused = graph().call("POST", "me/events", body=_event() | change)
    assert (refused.status, refused.code) == (400, code)


def test_a_change_is_kept_and_a_stale_one_is_a_conflict() -> None:
    g = graph()
    made = g.post("me/events", _event(attendees=[{"emailAddress": {"address": EVA}, "type": "Optional"}]))
    stale = {"if-match": made["@odata.etag"]}
    path = f"me/events/{made['id']}"
    changed = g.call("PATCH", path, body={"location": {"displayName": "Room 1"}, "showAs": "Free"}, headers=stale)
    assert changed.json["location"]["displayName"] == "Room 1" and changed.json["showAs"] == "free"
    assert changed.json["attendees"][0]["type"] == "optional"
    assert g.call("PATCH", path, body={"subject": "x"}, headers=stale).code == "ErrorIrresolvableConflict"
    assert g.call("DELETE", path, headers=stale).status == 412
    assert g.call("DELETE", path).status == 204 and g.call("GET", path).status == 404


def test_an_occurrence_that_changes_becomes_an_exception_under_its_id() -> None:
    g = graph()
    master = g.post("me/events", _event(recurrence=_weekly()))
    assert master["type"] == "seriesMaster"
    second = g.get("me/calendarView", **JUNE)["value"][1]
    changed = g.patch(f"me/events/{second['id']}", {"start": _time("23T10:00:00"), "end": _time("23T11:00:00")})
    assert (changed["id"], changed["type"]) == (second["id"], "exception")
    assert [one["start"]["dateTime"][8:10] for one in g.get("me/calendarView", **JUNE)["value"]] == ["15", "23", "29"]
    crossing = {"start": _time("29T08:00:00"), "end": _time("29T09:00:00")}
    refused = g.call("PATCH", f"me/events/{second['id']}", body=crossing)
    assert refused.code == "ErrorOccurrenceCrossingBoundary"
    g.patch(f"me/events/{master['id']}", {"subject": "All"})
    assert g.get(f"me/events/{second['id']}")["type"] == "exception"


def test_a_new_pattern_takes_the_exceptions_away() -> None:
    g = graph()
    master = g.post("me/events", _event(recurrence=_weekly()))
    second = g.get("me/calendarView", **JUNE)["value"][1]
    g.patch(f"me/events/{second['id']}", {"subject": "Special"})
    g.patch(f"me/events/{master['id']}", {"recurrence": _weekly(type="numbered", numberOfOccurrences=2)})
    assert [one["subject"] for one in g.get("me/calendarView", **JUNE)["value"]] == ["Talk", "Talk"]


def test_answers_to_an_invitation() -> None:
    guests = (SeedAttendee(EVA, "Eva"), SeedAttendee(BO, "Bo"))
    wall = datetime(2026, 6, 9, 9), datetime(2026, 6, 9, 10)  # noqa: DTZ001 (wall clocks)
    g = graph([], [SeedEvent("m", "Meeting", *wall, organizer=guests[0], attendees=guests)])
    event = g.get("me/events")["value"][0]
    assert event["responseStatus"]["response"] == "notResponded"
    assert g.call("POST", f"me/events/{event['id']}/cancel", body={}).status == 400
    assert g.call("POST", f"me/events/{event['id']}/accept", body={"sendResponse": False}).status == 202
    after = g.get(f"me/events/{event['id']}")
    assert after["responseStatus"]["response"] == "accepted"
    assert after["attendees"][1]["status"]["response"] == "accepted"
    g.post(f"me/events/{event['id']}/tentativelyAccept", {"comment": "perhaps"}, status=202)
    assert g.get(f"me/events/{event['id']}")["showAs"] == "tentative"
    slot = {"start": _time("10T09:00"), "end": _time("10T10:00")}
    proposed = {"sendResponse": False, "proposedNewTime": slot}
    assert g.call("POST", f"me/events/{event['id']}/decline", body=proposed).status == 400
    g.post(f"me/events/{event['id']}/decline", {}, status=202)
    assert g.get("me/events")["value"] == []


def test_organizers_do_not_answer_but_cancel() -> None:
    g = graph()
    event = g.post("me/events", _event())["id"]
    assert g.call("POST", f"me/events/{event}/accept", body={}).status == 400
    assert g.call("POST", f"me/events/{event}/cancel", body={"Comment": "off"}).status == 202
    assert g.call("GET", f"me/events/{event}").status == 404


def test_an_online_meeting_gets_a_link_that_stays() -> None:
    g = graph()
    event = g.post("me/events", _event(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness"))
    link = event["onlineMeeting"]["joinUrl"]
    assert g.patch(f"me/events/{event['id']}", {"isOnlineMeeting": False})["onlineMeeting"]["joinUrl"] == link


def test_calendars_are_made_renamed_and_removed() -> None:
    g = graph([], [], calendars=(SeedCalendar("Holidays", writable=False),))
    made = g.post("me/calendars", {"name": "Family", "color": "lightTeal"})
    assert g.call("POST", "me/calendars", body={"name": "family"}).code == "ErrorFolderExists"
    event = g.post(f"me/calendars/{made['id']}/events", _event())
    assert g.patch(f"me/calendars/{made['id']}", {"name": "Home"})["name"] == "Home"
    holidays = next(one for one in g.get("me/calendars")["value"] if one["name"] == "Holidays")
    assert g.call("POST", f"me/calendars/{holidays['id']}/events", body=_event()).status == 403
    assert g.call("DELETE", f"me/calendars/{made['id']}").status == 204
    assert g.call("GET", f"me/events/{event['id']}").status == 404
    assert g.call("DELETE", f"me/calendars/{g.get('me/calendar')['id']}").status == 400


def test_attachments_of_events() -> None:
    g = graph()
    event = g.post("me/events", _event())["id"]
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGk="}
    made = g.post(f"me/events/{event}/attachments", file)
    assert g.get(f"me/events/{event}", expand="attachments")["hasAttachments"]
    path = f"me/events/{event}/attachments/{made['id']}"
    assert g.get(path)["name"] == "a.txt" and g.call("GET", f"{path}/$value").content == b"hi"
    assert g.call("DELETE", path).status == 204
    assert g.get(f"me/events/{event}/attachments")["value"] == []
    assert g.call("POST", f"me/events/{event}/attachments", body=file | {"contentBytes": "%"}).status == 400


def test_a_schedule_tells_when_people_are_busy_and_hides_what_is_private() -> None:
    g = graph([], [], SeedAccount("microsoft", EVA, "Eva Ek", "oid-eva", "tid"))
    g.post("me/events", _event())
    g.post("me/events", _event(start=_time("15T11:00"), end=_time("15T11:30"), showAs="oof", sensitivity="private"))
    asked = {"schedules": [BO, EVA, "x@y.example"], "startTime": _time("15T09:30"), "endTime": _time("15T12:00")}
    bo, eva, nobody = g.post("me/calendar/getSchedule", asked, status=200)["value"]
    assert (bo["availabilityView"], eva["availabilityView"]) == ("02230", "00000")
    assert [one.get("subject") for one in bo["scheduleItems"]] == ["Talk", None]
    assert nobody["error"]["responseCode"] == "ErrorMailRecipientNotFound"
    assert g.call("POST", "me/calendar/getSchedule", body=asked | {"availabilityViewInterval": 1}).status == 400


def test_reminders_are_dismissed_and_snoozed() -> None:
    g = graph()
    event = g.post("me/events", _event(reminderMinutesBeforeStart=5))["id"]
    assert g.call("POST", f"me/events/{event}/dismissReminder").status == 200
    assert not g.get(f"me/events/{event}")["isReminderOn"]
    assert (
        g.call("POST", f"me/events/{event}/snoozeReminder", body={"newReminderTime": _time("15T09:00")}).status == 200
    )
    assert g.get(f"me/events/{event}")["isReminderOn"]
    group = g.get("me/calendarGroups")["value"][0]["id"]
    assert [one["name"] for one in g.get(f"me/calendarGroups/{group}/calendars")["value"]] == ["Calendar"]


def _asked(**more: Any) -> dict[str, Any]:
    slot = {"start": _time("15T07:00"), "end": _time("15T12:00")}
    guests = [{"type": "Required", "emailAddress": {"address": EVA}}]
    constraint = {"activityDomain": "unrestricted", "timeSlots": [slot]}
    return {"attendees": guests, "timeConstraint": constraint, "meetingDuration": "PT1H", **more}


def test_meeting_times_are_found_when_everybody_is_free() -> None:
    g = graph([], [], SeedAccount("microsoft", EVA, "Eva Ek", "oid-eva", "tid"))
    g.store.advance(datetime(2026, 6, 14, tzinfo=UTC) - g.store.now())
    g.token = g.grant(BO, {*g.scopes, "Calendars.Read.Shared"})
    g.post("me/events", _event(start=_time("15T08:00"), end=_time("15T10:00")))
    found = g.post("me/findMeetingTimes", _asked(returnSuggestionReasons=True), status=200)
    times = [one["meetingTimeSlot"]["start"]["dateTime"][11:16] for one in found["meetingTimeSuggestions"]]
    assert times == ["07:00", "10:00", "10:30", "11:00"] and found["emptySuggestionsReason"] == ""
    first = found["meetingTimeSuggestions"][0]
    assert (first["confidence"], first["organizerAvailability"]) == (100.0, "free")
    assert first["attendeeAvailability"][0]["attendee"]["emailAddress"]["address"] == EVA and first["suggestionReason"]
    assert len(g.post("me/findMeetingTimes", _asked(maxCandidates=1), status=200)["meetingTimeSuggestions"]) == 1
    stranger = [{"emailAddress": {"address": "x@y.example"}}]
    nobody = g.post("me/findMeetingTimes", _asked(attendees=stranger), status=200)
    assert (nobody["meetingTimeSuggestions"], nobody["emptySuggestionsReason"]) == ([], "attendeesUnavailableOrUnknown")
    perhaps = g.post("me/findMeetingTimes", _asked(attendees=stranger, minimumAttendeePercentage=40), status=200)
    assert perhaps["meetingTimeSuggestions"][0]["confidence"] == 49.0
    worked = g.post("me/findMeetingTimes", {"meetingDuration": "PT30M"}, status=200)["meetingTimeSuggestions"]
    assert worked[0]["meetingTimeSlot"]["start"]["dateTime"][:16] == "2026-06-15T06:00"  # Monday at 8 in Berlin
    assert g.call("POST", "me/findMeetingTimes", body=_asked(meetingDuration="an hour")).status == 400


def test_personal_accounts_have_no_schedules_and_no_suggestions() -> None:
    g = Graph([SeedAccount("microsoft", BO, "Bo Berg", "oid-bo", PERSONAL)])
    g.token = g.grant(BO, {*g.scopes, "Calendars.Read.Shared"})
    asked = {"schedules": [BO], "startTime": _time("15T09:30"), "endTime": _time("15T12:00")}
    assert g.call("POST", "me/calendar/getSchedule", body=asked).status == 403
    assert g.call("POST", "me/findMeetingTimes", body={}).status == 403
