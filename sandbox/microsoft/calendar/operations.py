"""The operations of calendars."""

from __future__ import annotations

from sandbox.microsoft.calendar import answers, calendars, delta, edits, events, files, schedule, suggestions
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.router import Operation

BASIC, READ, WRITE = "Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite"


def _in(call: Call, calendar: str, event: str) -> Answer:
    return events.event(call, event, calendar_id=calendar)


def _update_in(call: Call, calendar: str, event: str) -> Answer:
    return edits.update(call, event, calendar)


def _remove_in(call: Call, calendar: str, event: str) -> Answer:
    return edits.remove(call, event, calendar)


CALENDAR: list[Operation] = [
    Operation("GET", "me/calendar", BASIC, events.calendar),
    Operation("GET", "me/calendars", BASIC, events.calendars),
    Operation("GET", "me/calendars/{}", BASIC, events.calendar),
    Operation("GET", "me/events", BASIC, events.index),
    Operation("GET", "me/calendar/events", BASIC, events.index),
    Operation("GET", "me/calendars/{}/events", BASIC, events.index),
    Operation("GET", "me/events/{}", BASIC, events.event),
    Operation("GET", "me/calendar/events/{}", BASIC, events.event),
    Operation("GET", "me/calendars/{}/events/{}", BASIC, _in),
    Operation("GET", "me/events/{}/instances", BASIC, events.instances),
    Operation("GET", "me/events/{}/attachments", READ, files.index),
    Operation("POST", "me/events/{}/attachments", WRITE, files.add),
    Operation("GET", "me/events/{}/attachments/{}", READ, files.one),
    Operation("DELETE", "me/events/{}/attachments/{}", WRITE, files.remove),
    Operation("GET", "me/events/{}/attachments/{}/$value", READ, files.content),
    Operation("POST", "me/calendar/getSchedule", BASIC, schedule.get_schedule),
    Operation("POST", "me/calendars/{}/getSchedule", BASIC, schedule.get_schedule),
    Operation("POST", "me/findMeetingTimes", "Calendars.Read.Shared", suggestions.find_meeting_times),
    Operation("GET", "me/calendarGroups/{}/calendars", BASIC, calendars.of_group),
    Operation("POST", "me/events/{}/snoozeReminder", WRITE, answers.snooze_reminder),
    Operation("GET", "me/calendarView", BASIC, events.calendar_view),
    Operation("GET", "me/calendar/calendarView", BASIC, events.calendar_view),
    Operation("GET", "me/calendars/{}/calendarView", BASIC, events.calendar_view),
    Operation("GET", "me/calendarView/delta", BASIC, delta.changes),
    Operation("GET", "me/calendar/calendarView/delta", BASIC, delta.changes),
    Operation("GET", "me/calendars/{}/calendarView/delta", BASIC, delta.changes),
    Operation("GET", "me/calendarGroups", BASIC, calendars.groups),
    Operation("PATCH", "me/calendar", WRITE, calendars.update),
    Operation("POST", "me/calendars", WRITE, calendars.create),
    Operation("PATCH", "me/calendars/{}", WRITE, calendars.update),
    Operation("DELETE", "me/calendars/{}", WRITE, calendars.remove),
    Operation("POST", "me/calendars/{}/permanentDelete", WRITE, calendars.remove),
    Operation("POST", "me/events", WRITE, edits.create),
    Operation("POST", "me/calendar/events", WRITE, edits.create),
    Operation("POST", "me/calendars/{}/events", WRITE, edits.create),
    Operation("PATCH", "me/events/{}", WRITE, edits.update),
    Operation("PATCH", "me/calendars/{}/events/{}", WRITE, _update_in),
    Operation("DELETE", "me/events/{}", WRITE, edits.remove),
    Operation("DELETE", "me/calendars/{}/events/{}", WRITE, _remove_in),
    Operation("POST", "me/events/{}/permanentDelete", WRITE, edits.remove),
    Operation("POST", "me/events/{}/accept", WRITE, answers.accept),
    Operation("POST", "me/events/{}/tentativelyAccept", WRITE, answers.tentatively_accept),
    Operation("POST", "me/events/{}/decline", WRITE, answers.decline),
    Operation("POST", "me/events/{}/cancel", WRITE, answers.cancel),
    Operation("POST", "me/events/{}/forward", READ, answers.forward),
    Operation("POST", "me/events/{}/dismissReminder", WRITE, answers.dismiss_reminder),
]
