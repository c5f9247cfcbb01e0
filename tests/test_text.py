"""Folding: different spellings of a name become equal, and folding twice changes nothing."""

from __future__ import annotations

import pytest
from conftest import each
from hypothesis import given, settings
from hypothesis import strategies as st

from cthbkb.text import fold


@given(text=st.text(max_size=20))
@settings(max_examples=60, deadline=None)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("O'Brien", "obrien"),
        ("O’Brien", "obrien"),
        ("Łebsk", "lebsk"),
        ("  Co-operation_x ", "co operation x"),
        ("", ""),
    ],
)
def test_folding_keeps_words(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(text=st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_a_text_is_folded_word_by_word(text: str) -> None:
    assert fold(text) == " ".join(" ".join(fold(word) for word in text.split()).split())


@each(
    "stored, typed",
    [
        ("Йод, Їжак и Ёж", "йод їжак и еж"), ("Strauß", "STRAUSS"), ("Straße", "strasse"), ("ΟΔΟΣ", "οδος"),
        ("Yıldız", "Yildiz"), ("Əliyev", "Aliyev"), ("Ærø", "aero"), ("œuvre", "oeuvre"), ("Þór", "thor"),
        ("Ðórsdóttir", "Dorsdottir"), ("Łódź", "Lodz"), ("ﬁnance", "finance"), ("Лук’яненко", "Лукʼяненко"),
        ("O’Brien", "OBrien"), ("O`Brien", "O'Brien"), ("trafficker's", "trafficker"), ("it's 's", "it"),
        ("a'sb", "asb"),
        ("keeper's light", "keeper light"), ("ss's", "ss"), ("victim’s", "victim"),
        ("victims' rights", "victims rights"), ("pro\u00adsecution", "prosecution"), ("zero\u200bwidth", "zerowidth"),
        ("63,251", "63251"), ("1,234,567", "1234567"), ("e\u0301tat", "état"),
    ],
)  # fmt: skip
def test_typed_and_stored_spellings_fold_to_the_same_text(stored: str, typed: str) -> None:
    assert fold(stored) == fold(typed)


def test_a_comma_outside_a_number_is_a_separator() -> None:
    assert fold("2016,2020 1,23 12,3456 in 2016, 250") == "2016 2020 1 23 12 3456 in 2016 250"


def test_in_scripts_without_spaces_every_letter_is_a_word() -> None:
    assert fold("打击人身贩运 now") == "打 击 人 身 贩 运 now"
