"""Drills about answers that are strange but right, pressed in a browser: OsMEN does not even notice.

Each goes on until everything it may have spoilt has been seen.
"""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import expect

from tests.drills.test_services import account, recovers
from tests.drills.watching import ACCOUNT, Watcher

pytestmark = pytest.mark.proofs


def test_what_is_unknown_is_ignored_capitals_are_read_and_replays_shown_once(watcher: Watcher) -> None:
    """All at once, as none is an excuse for another."""
    watcher.presses("unknown-properties", seconds="3600")
    watcher.presses("pascal-case", seconds="3600")
    watcher.presses("replay", count="1000")
    recovers(watcher, "Told strangely")
    subject = "To be flagged in capitals"
    watcher.system.sandbox.drill("add-mail", **account("microsoft"), subject=subject)
    expect(watcher.sees("/inbox/", subject)).not_to_contain_text("Starred")
    watcher.presses("change-at-provider", account=ACCOUNT["microsoft"])
    assert watcher.named == subject
    starred = watcher.sees_if("/inbox/", lambda lines: "Starred" in lines.first.inner_text(), subject)
    expect(starred).to_have_count(1)
    watcher.ends_faults()


def test_what_a_batch_refuses_is_asked_for_again_and_nothing_else(watcher: Watcher) -> None:
    since = watcher.last_call()
    watcher.presses("batch-refusals", count="5")
    subject = "One of a batch"
    watcher.system.sandbox.drill("add-mail", **account("google"), subject=subject, count=8)
    watcher.sees_if("/inbox/", lambda lines: lines.count() == 8, subject)
    watcher.sees_all_well()
    # Each letter was asked for until it was answered, and never again.
    answers: dict[str, Counter[int]] = {}
    for one in watcher.calls("google", since):
        if one["path"].startswith("/gmail/v1/users/me/messages/"):
            answers.setdefault(one["path"], Counter())[one["status"]] += 1
    assert len(answers) == 8 and sum(counted[429] for counted in answers.values()) == 5
    assert all(counted[200] == 1 and counted.keys() <= {200, 429} for counted in answers.values()), answers
