"""What cannot be converted is refused with an error of ours, and what is dropped is named."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.convert import contact_to_microsoft, event_to_google, event_to_microsoft
from integrations.errors import PermanentFailure


@pytest.mark.parametrize("broken", [{}, {"start": {"date": "2026-01-01"}}])
def test_an_event_without_times_is_refused(broken: dict[str, Any]) -> None:
    for convert in (event_to_microsoft, event_to_google):
        with pytest.raises(PermanentFailure, match="no time that can be read"):
            convert(broken)


@pytest.mark.parametrize("broken", [{"dateTime": "soon"}, {"timeZone": "UTC"}, {"date": "today"}, {"dateTime": None}])
def test_a_time_that_is_none_is_refused(broken: dict[str, Any]) -> None:
    for convert in (event_to_microsoft, event_to_google):
        for all_day in (False, True):
            with pytest.raises(PermanentFailure, match="no time that can be read"):
                convert({"start": broken, "end": broken, "isAllDay": all_day})


def test_an_absence_and_the_form_of_a_note_are_named_as_lost() -> None:
    day = {"date": "2026-06-15"}
    away = {"start": day, "end": day, "eventType": "outOfOffice", "outOfOfficeProperties": {"declineMessage": "Away"}}
    found = event_to_microsoft(away)
    assert found.value["showAs"] == "oof" and found.lost == ("eventType", "outOfOfficeProperties")
    note = {"value": "<b>Likes tea</b>", "contentType": "TEXT_HTML"}
    assert contact_to_microsoft({"biographies": [note]}).lost == ("biographies.contentType",)
    assert contact_to_microsoft({"biographies": [note | {"contentType": "TEXT_PLAIN"}]}).lost == ()
