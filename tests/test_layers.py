"""Seeds in layers: an entry file, its includes, implied values, comments, and where a record is written."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from conftest import Run

from cthbkb import checks, seed
from cthbkb.errors import Failure
from cthbkb.model import TABLES
from cthbkb.problems import SeedError

DOCUMENT = """\
document: 2041-notes

recommendations:
  - id: 2041-p1-r1
    summary: Keep the lamps lit.
    themes: [lamps]
    modality: must
    section: PANEL 1

  - id: 2041-p1-s1
    summary: Lamps were lit.
    themes: [lamps]
    modality: statement
    section: PANEL 1
"""

ENTRY = """\
include:
  - documents/2041-notes.yaml

documents:
  - id: 2041-notes
    title: Notes
    kind: report
    publisher: The Secretariat
    citation: Notes (2041)

conferences:
  - id: '2041'
    number: 9
    title: Lamps
    held_start: 2041-05
    held_end: '2041'
    city: Port Lull
    document: 2041-notes
    section: Introduction

sessions:
  - id: 2041-p1
    type: panel
    title: Lamps
    document: 2041-notes
    section: PANEL 1

themes:
  - id: lamps
    label: Lamps
    scope_note: Lamps.
"""


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A seed of two layers, in the folder of the test."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "2041-notes.yaml").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "seed.yaml").write_text(ENTRY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Path("seed.yaml")


def problems(*paths: Path) -> list[str]:
    with pytest.raises(SeedError) as caught:
        seed.load(*paths)
    return [str(problem) for problem in caught.value.problems]


def comments(text: str) -> list[str]:
    with pytest.raises(SeedError) as caught:
        seed.parse(text.encode(), "s.yaml")
    return [str(problem) for problem in caught.value.problems]


# Implied values


def test_values_implied_by_an_id_or_a_file_can_be_omitted(entry: Path) -> None:
    found = seed.load(entry)
    assert checks.run(found) == []
    item = found.records["recommendations"][0].values()
    assert {name: item[name] for name in ("session", "year", "kind", "number", "document")} == {
        "session": "2041-p1",
        "year": 2041,
        "kind": "recommendation",
        "number": "1",
        "document": "2041-notes",
    }


def test_written_values_win_and_the_canonical_form_omits_implied_ones(entry: Path) -> None:
    path = Path("documents/2041-notes.yaml")
    path.write_text(DOCUMENT.replace("    summary: Keep", "    year: 2041\n    kind: goal\n    summary: Keep"))
    found = seed.load(entry)
    assert found.records["recommendations"][0].values()["kind"] == "goal"
    assert "year:" not in seed.canonical(found.layers[1])
    assert "kind: goal" in seed.canonical(found.layers[1])


def test_the_packaged_layers_are_the_same_records_as_one_file(packaged_seed: seed.Seed) -> None:
    whole = seed.parse(seed.dump(packaged_seed.records).encode("utf-8"), "whole.yaml")
    assert {table: list(rows) for table, rows in whole.records.items()} == {
        table: list(rows) for table, rows in packaged_seed.records.items()
    }


def test_each_record_of_a_document_is_in_the_file_of_that_document(packaged_seed: seed.Seed) -> None:
    for layer in packaged_seed.layers:
        if layer.head.document:
            rows = [rows for table, rows in layer.records.items() if table != "thread_items"]
            documents = {r.values()["document"] for records in rows for r in records}
            assert (layer.path.rpartition("/")[2], documents) == (
                f"{layer.head.document}.yaml",
                {layer.head.document},
            )


def test_every_file_of_the_data_is_part_of_the_seed() -> None:
    folder = Path(__file__).parents[1] / "data"
    assert set(seed.files(folder / "seed.yaml")) == set(folder.rglob("*.yaml")) - {folder / "template.yaml"}


def test_a_table_is_in_the_entry_file_or_in_the_files_of_documents() -> None:
    entry, *layers = seed.load(Path(__file__).parents[1] / "data" / "seed.yaml").layers
    printed = {table for layer in layers if layer.head.document for table, rows in layer.records.items() if rows}
    assert "recommendations" in printed
    assert {table for table, rows in entry.records.items() if rows} & printed == set()


def test_prose_has_a_line_for_each_sentence() -> None:
    text = (
        "Mr. Reed of St. Lull spoke first. He asked: who lights the lamps? Nobody knew, " + "and so on, " * 4 + "then."
    )
    (layer,) = seed.parse(f"threads:\n- {{id: a, label: A, summary: '{text}'}}\n".encode(), "s.yaml").layers
    assert seed.canonical(layer).splitlines()[3:7] == [
        "    summary: >-",
        "      Mr. Reed of St. Lull spoke first.",
        "      He asked: who lights the lamps?",
        "      Nobody knew, " + "and so on, " * 4 + "then.",
    ]


# Including


def test_problems_of_all_layers_are_reported_at_once_with_their_file(entry: Path) -> None:
    Path("documents/2041-notes.yaml").write_text(DOCUMENT.replace("modality: must", "modality: mustt"))
    entry.write_text(ENTRY.replace("kind: report", "kind: reprot"))
    assert problems(entry) == [
        "documents/2041-notes.yaml:7:15: recommendations 2041-p1-r1: modality: 'mustt' is not one of the allowed "
        "values; did you mean must?",
        "seed.yaml:7:11: documents 2041-notes: kind: 'reprot' is not one of the allowed values; did you mean report?",
    ]


def test_a_rule_points_to_the_file_in_which_the_record_is(entry: Path) -> None:
    Path("documents/2041-notes.yaml").write_text(DOCUMENT.replace("themes: [lamps]", "themes: [lamp]", 1))
    (problem,) = checks.run(seed.load(entry))
    assert str(problem) == (
        "documents/2041-notes.yaml:6:13: recommendations 2041-p1-r1: themes: no 'lamp' in themes; did you mean lamps?"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("documents/none.yaml", "include: no file documents/none.yaml"),
        ("../seed.yaml", "include: '../seed.yaml' is not inside the folder of the file"),
        ("/etc/passwd", "include: '/etc/passwd' is not inside the folder of the file"),
    ],
)
def test_an_include_that_is_not_possible_is_reported(entry: Path, name: str, said: str) -> None:
    entry.write_text(ENTRY.replace("documents/2041-notes.yaml", name))
    assert problems(entry) == [f"seed.yaml:1:1: {said}"]


def test_an_included_file_includes_nothing(entry: Path) -> None:
    Path("documents/2041-notes.yaml").write_text("include:\n  - more.yaml\n" + DOCUMENT)
    assert problems(entry) == ["documents/2041-notes.yaml:1:1: an included file must not include or extend others"]


def test_the_head_is_before_the_tables() -> None:
    assert comments("themes: []\ndocument: a\n") == ["s.yaml:2:1: document belongs before the tables"]


def test_items_are_merged_in_the_order_of_the_programme_whatever_file_they_are_in(entry: Path) -> None:
    more = DOCUMENT.replace("2041-notes", "2041-more").replace("r1", "r2").replace("s1", "s2")
    Path("documents/more.yaml").write_text(more)
    entry.write_text(ENTRY.replace("include:\n", "include:\n  - documents/more.yaml\n"))
    ids = [r.id for r in seed.load(entry).records["recommendations"]]
    assert ids == ["2041-p1-r1", "2041-p1-r2", "2041-p1-s1", "2041-p1-s2"]


def test_several_seeds_are_merged(entry: Path) -> None:
    Path("themes.yaml").write_text("themes:\n- {id: fog, label: Fog, scope_note: Fog.}\n")
    found = seed.load(entry, Path("themes.yaml"))
    assert [r.id for r in found.records["themes"]] == ["lamps", "fog"]
    assert found.place("themes", 1) == ("themes.yaml", 2, 8)


def test_the_files_of_a_seed_are_read_from_its_head(entry: Path) -> None:
    assert seed.files(entry) == [entry, Path("documents/2041-notes.yaml")]
    assert seed.files(Path("none.yaml")) == [Path("none.yaml")]


# Comments


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("# checked by Anna\nthemes: []\n", "1:1", "# checked by Anna"),
        ("themes: []  # none yet\n", "1:13", "# none yet"),
        ("threads:\n- id: a\n  label: A Handbook #2 for States\n  summary: s\n", "3:21", "#2 for States"),
        ("threads:\n- id: a\n  label: a\n  summary: >-  # why\n    s\n", "4:16", "# why"),
        ("threads:\n- id: a\n  label: a\n  summary: >-\n    s\n# the end\n", "6:1", "# the end"),
        ("threads:\n- id: a\n  label: a\n  summary: >-\n    s\n  # inner\n  themes: [x]\n", "6:3", "# inner"),
        ("threads:\n- id: a\n  label: a\n  themes: [x, # why\n    y]\n  summary: s\n", "4:15", "# why"),
    ],
)
def test_a_comment_is_a_problem_with_its_place(text: str, place: str, said: str) -> None:
    (found,) = comments(text)
    assert found.startswith(f's.yaml:{place}: a comment ("{said}"); a seed cannot keep comments: ')


@pytest.mark.parametrize(
    "value", ["'A Handbook #2'", '"#tag and #2"', ">-\n    # not a comment\n    #2", "C#", "a#b", "|-\n    a #b"]
)
def test_a_number_sign_in_a_text_is_not_a_comment(value: str) -> None:
    found = seed.parse(f"threads:\n- id: a\n  label: a\n  summary: {value}\n".encode(), "s.yaml")
    assert "#" in str(found.records["threads"][0].values()["summary"])


def test_fix_refuses_a_file_with_a_comment_and_leaves_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("threads:\n- id: a\n  label: A Handbook #2\n  summary: s\n")
    before = path.read_bytes()
    assert run("check", path, "--fix").code == 1
    assert path.read_bytes() == before


def test_a_modeline_is_kept(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    line = "# yaml-language-server: $schema=seed.schema.json\n"
    path.write_text(line + "themes:\n- {id: fog, label: Fog, scope_note: Fog.}\n")
    assert run("check", path, "--fix").code == 0
    assert path.read_text().startswith(line + "themes:\n  - id: fog\n")


# Messages


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "  title: Leaving No Victim Behind: Technology",
            "a text contains a colon and a space; quote the text, or write it below",
        ),
        ("\ttitle: Tab", "a tab is used for indentation; use spaces"),
        ("  title: @Handbook", "quote a text that begins with '@'"),
        ("  title: >\n    Folded", "title: ends with a line break; write >- instead of >"),
        ("  published: 18 April 2023", None),
        (
            "  kind: chair",
            "kind: 'chair' is not one of the allowed values; "
            "write one of: highlights, concept-note, report, conclusions",
        ),
    ],
)
def test_a_message_says_what_to_write(line: str, said: str | None) -> None:
    text = f"documents:\n- id: 2041-a\n  publisher: P\n  citation: C\n{line}\n"
    with pytest.raises(SeedError) as caught:
        seed.parse(text.encode(), "s.yaml")
    found = [problem.message for problem in caught.value.problems]
    assert said is None or any(message.startswith(said) for message in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    label: B",
            "     label: B",
            "6:11: this line is indented 1 space more than the key above; align it with",
        ),
        ("    label: B", "   label: B", "6:4: this line is indented 1 space less than the key above; align it with"),
        ("    label: B", "       label: B", "6:13: this line is indented 3 spaces more than the key above; align"),
        ("    summary: c", "     summary: c", "7:13: this line is indented 1 space more than the key above; align it"),
        (
            "label: B",
            'label: "B" and more',
            '6:16: a text that begins with " ends before the end of the line; write the text',
        ),
        (
            "label: B",
            "label: [B] and more",
            "6:16: a text that begins with [ ends before the end of the line; write the text",
        ),
        ("label: B", "label:B", "7:5: a key is not followed by a colon and a space, here or in the line above"),
    ],
)
def test_misplaced_text_is_reported_in_terms_a_curator_understands(old: str, new: str, said: str) -> None:
    text = "threads:\n  - id: a\n    label: A\n    summary: b\n  - id: b\n    label: B\n    summary: c\n"
    found = comments(text.replace(old, new))
    assert [message.startswith(f"s.yaml:{said}") for message in found] == [True], found


def test_columns_of_an_unfinished_record_are_not_reported_as_missing() -> None:
    text = "threads:\n  - id: a\n    label: A\n   summary: b\n"
    (found,) = comments(text)
    assert "missing" not in found


def test_a_document_missing_in_all_records_is_reported_once() -> None:
    record = "  - id: 2041-p1-s{}\n    summary: a\n    modality: must\n    section: b\n"
    text = "recommendations:\n" + "".join(record.format(n) for n in range(1, 6))
    assert comments(text) == [
        "s.yaml:1:1: document is missing in 5 records; add one line at the top of the file: `document: ID`"
    ]


def test_an_id_without_a_kind_is_reported_with_the_letters() -> None:
    record = "document: a\nrecommendations:\n- {id: 2041-p1-x2, summary: a, modality: must, section: b}\n"
    (found,) = comments(record)
    assert found.startswith(
        "s.yaml:3:3: recommendations 2041-p1-x2: the id does not end with the letter of a kind and a number, "
    )
    assert "t (takeaway)" in found


def test_the_key_that_lists_call_slug_is_the_id() -> None:
    found = comments("themes:\n- {slug: a, label: A, scope_note: A}\n")
    assert found[1] == "s.yaml:2:4: themes: unknown column 'slug'; did you mean id?"


def test_a_date_may_be_a_day_a_month_or_a_year(entry: Path) -> None:
    for date in ("2041", "2041-05", "2041-05-09"):
        entry.write_text(ENTRY.replace("held_start: 2041-05", f"held_start: '{date}'"))
        assert checks.run(seed.load(entry)) == []
    entry.write_text(ENTRY.replace("held_start: 2041-05", "held_start: 18 April 2041"))
    assert problems(entry) == [
        "seed.yaml:15:17: conferences 2041: held_start: '18 April 2041' is not a date, as precise as known: "
        "2023-04-18, 2023-04 or 2023"
    ]


def test_an_unclosed_quote_is_reported_at_its_start() -> None:
    text = 'threads:\n- id: a\n  label: "A\n  summary: b\n- id: b\n  label: "B"\n  summary: c\n'
    (found,) = comments(text)
    assert found == "s.yaml:3:10: the text quoted here ends on line 6; is that intended?"


# --where, standard input, --diff


def test_where_prints_the_place_of_a_record(entry: Path, run: Run) -> None:
    done = run("check", entry, "--where", "2041-p1-s1")
    assert (done.code, done.out) == (0, "documents/2041-notes.yaml:10:9: recommendations\n")
    assert run("check", entry, "--where", "2041-p1-r1a").err.startswith(
        "error: unknown id '2041-p1-r1a'\nhint: Did you"
    )


def test_diff_shows_what_the_canonical_form_would_change(entry: Path, run: Run) -> None:
    assert run("check", entry, "--diff").out == ""
    entry.write_text(ENTRY.replace("label: Lamps", "label:  'Lamps'"))
    assert "-    label:  'Lamps'\n+    label: Lamps\n" in run("check", entry, "--diff").out


def test_a_seed_is_read_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "themes:\n  - id: fog\n    label: Fog\n    scope_note: Fog.\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))
    assert run("check", "-").err.startswith("-: 1 record,")


def test_a_folder_is_not_a_seed(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot read"):
        seed.load(tmp_path)


def test_every_table_is_in_the_model() -> None:
    assert set(seed.parse(b"themes: []\n", "s.yaml").records) == set(TABLES)


def test_the_layers_of_a_seed_are_written_together_or_not_at_all(
    entry: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [entry, Path("documents/2041-notes.yaml")]
    for path in paths:
        path.write_text("\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    before = [path.read_bytes() for path in paths]
    rename, left = os.replace, [1]

    def fails(*names: str) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise OSError(5, "Input/output error")
        rename(*names)

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", fails)
        assert run("check", entry, "--fix").code == 1
    assert [path.read_bytes() for path in paths] == before


# What `check` says of several files


def test_several_files_are_checked_fixed_and_shown_together(entry: Path, run: Run) -> None:
    theme = "themes:\n  - id: {0}\n    label: {1}\n    scope_note: {1}.\n"
    Path("a.yaml").write_text(theme.format("fog", "Fog"), encoding="utf-8")
    Path("b.yaml").write_text(theme.format("ice", "Ice") + "    broader: fog\n", encoding="utf-8")
    done = run("check", "a.yaml", "b.yaml")
    assert (done.code, done.err) == (0, f"a.yaml, b.yaml: 2 records, {len(checks.CHECKS)} rules, no problems\n")
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_text(Path(name).read_text().replace("label: ", "label:  "), encoding="utf-8")
    shown = "".join(
        f"--- {name}\n+++ {name} (canonical)\n@@ -1,{n} +1,{n} @@\n themes:\n   - id: {id_}\n"
        f"-    label:  {label}\n+    label: {label}\n     scope_note: {label}.\n{rest}"
        for name, id_, label, n, rest in (
            ("a.yaml", "fog", "Fog", 4, ""), ("b.yaml", "ice", "Ice", 5, "     broader: fog\n"),
        )
    )  # fmt: skip
    done = run("check", "a.yaml", "b.yaml", "--diff")
    assert (done.code, done.out, done.err) == (0, shown, "")
    told = "not in canonical form from here on; to see the difference: check --diff; to correct it: check --fix\n"
    done = run("check", "a.yaml", "b.yaml")
    assert (done.code, done.err) == (1, f"a.yaml:3:1: {told}b.yaml:3:1: {told}2 problems in the seed\n")
    assert run("check", "b.yaml", "a.yaml", "--fix").code == 0
    assert (Path("a.yaml").read_text(), Path("b.yaml").read_text()) == (
        theme.format("fog", "Fog"), theme.format("ice", "Ice") + "    broader: fog\n",
    )  # fmt: skip
    assert run("check", "a.yaml", "--where", "fog").out == "a.yaml:2:9: themes\n"


def test_the_first_line_that_differs_is_named_also_where_one_text_is_longer(entry: Path, run: Run) -> None:
    text = "themes:\n  - id: fog\n    label: Fog\n    scope_note: Fog.\n"
    for written, line in ((f"{text}\n", 6), (f"{text}\n\n", 6), (text[:-1], 5)):
        Path("a.yaml").write_text(written, encoding="utf-8")
        assert run("check", "a.yaml").err.startswith(f"a.yaml:{line}:1: not in canonical form"), repr(written)


def test_warnings_are_counted_beyond_those_that_are_shown(
    entry: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cthbkb.commands import check

    people = "".join(
        f"  - id: p-{a}\n    name: Ann{a} Berg{a}\n    sort_name: Berg{a}\n    spellings:\n      - Zz{a}\n"
        f"    document: 2041-notes\n    section: PANEL 1\n\n" for a in "abc"
    )  # fmt: skip
    Path("seed.yaml").write_text(ENTRY + "\npeople:\n" + people.rstrip("\n") + "\n", encoding="utf-8")
    said = run("check", "seed.yaml", "--fix").err.splitlines()
    assert sum(": warning: " in line for line in said) == 3
    assert said[-1].endswith(" rules, no problems, 3 warnings")
    monkeypatch.setattr(check, "SHOWN", 2)
    said = run("check", "seed.yaml").err.splitlines()
    assert (sum(": warning: " in line for line in said), said[-2]) == (2, "and 1 more")
    monkeypatch.setattr(check, "SHOWN", 3)
    assert " more\n" not in run("check", "seed.yaml").err


def test_a_file_that_refers_to_nothing_packaged_is_not_told_to_extend(entry: Path, run: Run) -> None:
    Path("a.yaml").write_text("themes:\n  - id: fog\n    label:  Fog\n    scope_note: Fog.\n", encoding="utf-8")
    assert "extends" not in run("check", "a.yaml").err
    Path("a.yaml").write_text(
        "extends: cthbkb\n\nthemes:\n  - id: fog\n    label: Fog\n    scope_note: Fog.\n    broader: none-such\n",
        encoding="utf-8",
    )
    assert "extends" not in run("check", "a.yaml").err
