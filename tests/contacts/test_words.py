"""What people are called, sorted and found by."""

from __future__ import annotations

import pytest

from contacts import words


@pytest.mark.parametrize(
    ("name", "family", "given", "key", "letter"),
    [
        ("Yusuf Aydın", "Aydın", "Yusuf", "aydin yusuf", "A"),
        ("Łukasz", "", "", "lukasz", "L"),
        ("Émile Zola", "", "", "emile zola", "E"),
        ("+47 555", "", "", "~47 555", "#"),
        ("", "", "", "~", "#"),
        ("李 小龙", "李", "小龙", "李 小龙", "李"),
    ],
)
def test_people_sort_by_family_name(name: str, family: str, given: str, key: str, letter: str) -> None:
    assert words.sort_key(name, family, given) == key
    assert words.letter(key) == letter


@pytest.mark.parametrize(
    ("name", "initials"), [("Tomasz Wilk", "TW"), ("ada@x.example", "AE"), ("Cher", "C"), ("", ""), ("…", "")]
)
def test_a_monogram_is_the_first_and_the_last_letter(name: str, initials: str) -> None:
    assert words.initials(name) == initials


@pytest.mark.parametrize(
    ("value", "said"), [("1980-02-29", "29 February 1980"), ("--12-24", "24 December"), ("", ""), ("x", "x")]
)
def test_birthdays_are_said_in_words(value: str, said: str) -> None:
    assert words.birthday(value) == said


def test_a_person_without_a_name_goes_by_what_is_known() -> None:
    assert words.display_name({"emails": [["a@x.example", ""]], "organization": ""}) == "a@x.example"
    assert words.display_name({"nickname": "Bo", "phones": [["1", ""]]}) == "Bo"
    assert words.display_name({}) == ""
