"""Seeds designed to exhaust or break the program: small versions of the seeds in `bench/hostile.py`."""

from __future__ import annotations

import itertools
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
from conftest import Run, each, script

from cthbkb import cache, checks, problems, seed
from cthbkb.problems import Guesses, Problem, SeedError

ROOT = Path(__file__).resolve().parents[1]


bench = script("bench/hostile.py")

SEED = (Path(__file__).with_name("seed.yaml")).read_bytes()


@each("shape", bench.SHAPES)
def test_a_hostile_seed_gets_short_messages(
    shape: str, tmp_path: Path, seed_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "seed_path", lambda: str(seed_path))  # for packs
    path = tmp_path / "seed.yaml"
    path.write_text(bench.SHAPES[shape](30_000), encoding="utf-8")
    done = run("check", path)
    assert done.code in {0, 1}
    assert len(done.err) < bench.MESSAGES
    assert done.err.count("\n") <= problems.SHOWN + 2


@pytest.mark.parametrize(
    "shape", ["references to nothing", "a ring of themes", "people of one name", "a thread whose entries cannot ask"]
)
def test_the_cost_of_a_hostile_seed_grows_linearly(shape: str, tmp_path: Path, run: Run) -> None:
    """No rule compares all pairs of records: a seed of ten times the size takes at most twenty times the work."""

    def spent(size: int) -> float:
        path = tmp_path / f"{size}.yaml"
        if not path.exists():
            path.write_text(bench.SHAPES[shape](size), encoding="utf-8")
        began = time.process_time()
        run("check", path)
        return time.process_time() - began

    small = min(spent(50_000) for _ in range(3))
    assert any(spent(500_000) < 20 * small for _ in range(3))  # again, if something else took the time


@each("number", range(120))
def test_a_damaged_seed_is_read_or_refused_with_line_and_column(number: int) -> None:
    assert bench.refused_or_read(bench.damaged(SEED, number)) == ""


def test_the_number_of_problems_is_limited() -> None:
    with pytest.raises(SeedError) as caught:
        seed.parse(b"themes:\n" + b"  - id: a\n" * 5_000, "s.yaml")
    lines = str(caught.value).split("\n")
    assert len(caught.value.problems) == problems.MOST
    assert len(lines) == problems.SHOWN + 1
    assert lines[-1] == f"1,000 problems in the seed; the first {problems.SHOWN} are listed"


def test_errors_are_shown_before_warnings_if_not_all_are_shown() -> None:
    warnings = [Problem("s.yaml", n, 1, "", "", "W", warning=True) for n in range(1, 200)]
    lines = str(SeedError([*warnings, Problem("s.yaml", 200, 1, "", "", "E")])).split("\n")
    assert lines[0] == "s.yaml:200:1: E"


def test_a_long_message_keeps_its_start_and_its_end() -> None:
    said = str(Problem("s.yaml", 1, 1, "themes", "a", f"label: {'x' * 10_000} is too long"))
    assert len(said) < problems.LONG + 20
    assert said.startswith("s.yaml:1:1: themes a: label: xxx")
    assert said.endswith("xxx is too long")


def test_the_number_of_suggestions_in_a_run_is_limited() -> None:
    known = {f"theme-{n}": None for n in range(1_000)}
    guesses = Guesses()
    made = [guesses("theem-1", known) for _ in range(30)]
    assert made[0] == "; did you mean theme-1?"
    assert [n for n, guess in enumerate(made) if not guess] == [*range(20, 30)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('themes:\n  - id: "a"#b\n', "2:12"),
        ("themes:\n  - id: 'a'#b\n", "2:12"),
        ("themes: []#b\n", "1:11"),
        ("themes:\n  - themes: [a,#b\n]\n", "2:16"),
    ],
)
def test_a_comment_without_a_space_before_it_is_reported_too(text: str, place: str) -> None:
    """The parser treats it as a comment, so it would be lost."""
    with pytest.raises(SeedError) as caught:
        seed.parse(text.encode(), "s.yaml")
    (said,) = [str(p) for p in caught.value.problems if "a comment" in str(p)]
    assert said.startswith(f"s.yaml:{place}: a comment")


def test_a_line_of_comments_is_one_comment() -> None:
    with pytest.raises(SeedError) as caught:
        seed.parse(b"themes:\n  - id: a # b # c # d\n", "s.yaml")
    assert len([p for p in caught.value.problems if "a comment" in p.message]) == 1


@pytest.mark.parametrize(
    ("number", "sound"), [("1", True), ("9999z", True), ("10000", False), ("1" * 5_000, False), ("\u0663", False)]
)
def test_a_number_has_up_to_four_digits(number: str, sound: bool) -> None:
    text = (
        "recommendations:\n  - id: 2031-p1-r1\n    document: a\n    session: 2031-p1\n    summary: A.\n"
        f"    modality: must\n    section: A\n    number: '{number}'\n"
    )
    told = "is not a number of up to four digits"
    with nullcontext() if sound else pytest.raises(SeedError, match=told):
        checks.run(seed.parse(text.encode(), "s.yaml"))


def test_a_file_is_included_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("themes:\n", encoding="utf-8")
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    (tmp_path / "seed.yaml").write_text("include: [a.yaml, ./a.yaml, b.yaml, seed.yaml]\n", encoding="utf-8")
    with pytest.raises(SeedError) as caught:
        seed.load(tmp_path / "seed.yaml")
    said = [p.message for p in caught.value.problems]
    assert said[-3:] == [f"include: {name!r} is already included" for name in ("./a.yaml", "b.yaml", "seed.yaml")]


def test_problems_of_records_and_values_have_line_and_column(tmp_path: Path) -> None:
    """Places are found by parsing a record again: in a block list, on one line, and at the end of a file."""
    text = (
        "themes:\n"
        "  - id: a\n    label: A\n    scope_note: >-\n      Of\n      lamps.\n    broader: none-1\n"
        "  - {id: b, label: B, scope_note: Of lamps., broader: none-2}\n"
        "  -\n    broader: none-3\n    id: c\n    label: C\n    scope_note: Of lamps.\n"
    )
    found = [str(p).split(": ")[0] for p in checks.run(seed.parse(text.encode(), "s.yaml")) if "none-" in p.message]
    assert found == ["s.yaml:7:14", "s.yaml:8:55", "s.yaml:10:14"]


@pytest.mark.parametrize(
    ("broader", "loops"),
    [
        ({"a": "b", "b": "c", "c": ""}, {}),
        ({"a": "a"}, {"a": "a"}),
        ({"a": "b", "b": "c", "c": "b", "d": "a"}, {"a": "b", "b": "b", "c": "c", "d": "b"}),
        ({"a": "x", "b": "a"}, {}),
    ],
)
def test_a_loop_of_themes_is_reported_with_its_themes(broader: dict[str, str], loops: dict[str, str]) -> None:
    for order in itertools.permutations(broader):
        text = "themes:\n" + "".join(
            f"  - id: {id_}\n    label: {id_}\n    scope_note: A.\n"
            + (f"    broader: {broader[id_]}\n" if broader[id_] else "")
            for id_ in order
        )
        rule = checks.CHECKS["themes_are_a_tree"]
        found = {p.id: p.message for p in rule(seed.parse(text.encode(), "s.yaml"))}
        assert found == {id_: f"broader: {at} is broader than itself" for id_, at in loops.items()}
