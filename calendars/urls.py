"""The calendar's addresses. Every id in them is looked up through its owner."""

from django.urls import path

from calendars.views import changes, event, page, switches

urlpatterns = [
    path("calendar/", page.calendar, name="calendar"),
    path("calendar/events/", page.events, name="calendar-events"),
    path("calendar/event/<int:event_id>/", event.event, name="calendar-event"),
    path("calendar/new/", changes.new, name="calendar-new"),
    path("calendar/event/<int:event_id>/edit/", changes.edit, name="calendar-edit"),
    path("calendar/event/<int:event_id>/move/", changes.move, name="calendar-move"),
    path("calendar/event/<int:event_id>/delete/", changes.delete, name="calendar-delete"),
    path("calendar/event/<int:event_id>/answer/", changes.answer, name="calendar-answer"),
    path("calendar/undo/<int:number>/", changes.undo, name="calendar-undo"),
    path("calendar/change/<uuid:change_id>/", changes.settle, name="calendar-settle"),
    path("calendar/calendars/<int:calendar_id>/shown/", switches.shown, name="calendar-shown"),
]
