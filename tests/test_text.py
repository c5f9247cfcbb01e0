"""Text: two spellings of a name are one, and folding changes nothing twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cthbkb.text import fold, words


@given(text=st.text(max_size=20))
@settings(max_examples=60, deadline=None)
def test_folding_twice_is_folding_once(text: str) -> None:
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


def test_words_are_those_of_the_index_which_separates_at_an_apostrophe() -> None:
    assert words("O'Brien’s lamp-post") == "o brien s lamp post"
