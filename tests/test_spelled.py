"""Ids and names as people type them: ids in words, ordinals, honorifics, initials."""

from __future__ import annotations

import sqlite3

from cthbkb.spelled import as_id, people

IDS = {
    "2033 panel 2 rec 4": "2033-p2-r4",
    "2033 panel 2, recommendation no. 4": "2033-p2-r4",
    "2031 panels 1 recs 2a": "2031-p1-r2a",
    "2031 side event 1 conclusion 1": "2031-side1-s1",
    "the 2033 session panel number 1, item of rec 2": "2033-p1-r2",
    "2033 panel": "2033-p",
    "panel 1": "p1",
    "2033 r1": "2033-r1",
    "2035 keynote": "2035-keynote",
    "2031 introduction": "2031-intro",
    "2031 foreword 2": "2031-foreword-2",
    "2031 p 1 r 2": "2031-p-1-r-2",
    # the number of a conference stands for it only at the beginning
    "1st": "2031",
    "2nd conference panel 1": "2033-p1",
    "the 3rd": "2035",
    "item 3": "2035",
    "4th": "4",
    "20th conference": "20",
    "2031 2": "2031-2",
    "rd": "rd",
    "lights": "lights",
}

NAMES = [
    ("anna lucja kowalska", "anna"), ("anna kovalska", "anna"), ("suzanne hoff", "hoff"), ("s hoff", "other"),
    ("li wei", "li"), ("anna alma berg", "alma"),
]  # fmt: skip

PEOPLE = {
    "Hoff": ["hoff", "other"],
    "Ms. S. Hoff": ["hoff", "other"],
    "Suzanne Hoff": ["hoff"],
    "H.E. Kowalska": ["anna"],
    "a l kowalska": ["anna"],
    "Kowalska, Anna": ["anna"],
    "Prof. Dr. Anna K.": ["anna"],
    "Wei L.": ["li"],
    "A. Anna Berg": ["alma"],  # an initial does not take the name that another word needs
    "Kowalska Anna Anna": [],
    "Li Wei X": [],
    "Ann": [],
    "S. H.": [],
    "Lady": [],
    "Mr": [],
    "": [],
}


def test_an_id_in_words_becomes_the_id(db: sqlite3.Connection) -> None:
    assert {text: as_id(db, text) for text in IDS} == IDS


def test_a_person_has_every_word_that_is_typed() -> None:
    assert {text: people(text, NAMES) for text in PEOPLE} == PEOPLE
