"""``docs/troubleshooting.md`` has an entry for every sentence that says what is wrong, and none that nothing says."""

from __future__ import annotations

import re

from integrations.providers.microsoft.oauth_errors import BECAUSE
from tests.quality.sentences import ROOT, first_sentence, said

PAGE = re.sub(r"\s+", " ", (ROOT / "docs" / "troubleshooting.md").read_text("utf-8"))
SENTENCES = said() | {first_sentence(text): "oauth_errors.py" for text in BECAUSE.values()}


def test_every_sentence_has_an_entry() -> None:
    missing = {f"“{text}”": file for text, file in SENTENCES.items() if f"“{text}”" not in PAGE}
    assert not missing, "Give each of these words an entry in docs/troubleshooting.md, with what to do"


def test_every_entry_is_said() -> None:
    entries = re.findall(r"“([^”]+)”(?=[,:]? (?:“|- “)|:)", PAGE)
    assert len(entries) > 150
    assert not [text for text in entries if text not in SENTENCES and not text.startswith(OUTSIDE)]


# What providers or our pages say, which no error of ours holds.
OUTSIDE = ("has not completed", "Need admin", "Google stopped", "Microsoft stopped", "The keys on")
