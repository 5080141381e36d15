"""The switches: which calendars their owner shows."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from calendars import queries
from calendars.views.page import user_of


@login_required
@require_POST
def shown(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Show the calendar or hide it. With scripts 204, whereupon the page asks for its events again."""
    calendar = queries.own_calendar(user_of(request), calendar_id)
    calendar.shown = request.POST.get("shown") == "1"
    calendar.save(update_fields=["shown"])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": "calendars-changed"})
    back = request.POST.get("next", "")
    ours = back.startswith("/calendar/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if ours else "/calendar/")
