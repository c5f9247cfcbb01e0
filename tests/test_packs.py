"""Packs: the user's own records beside the packaged ones, from the template to a conflict with an upgrade."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from conftest import Run

from cthbkb import build, cache, checks, named, seed, store
from cthbkb.commands import packs

PACK = """\
extends: cthbkb
document: 2041-notes

documents:
  - id: 2041-notes
    title: Notes
    kind: report
    conference: '2041'
    publisher: The Secretariat
    citation: Notes (2041)

conferences:
  - id: '2041'
    number: 9
    title: Lamps at sea
    held_start: '2041-05-01'
    held_end: '2041-05-02'
    city: Port Lull
    section: Introduction

sessions:
  - id: 2041-p1
    type: panel
    title: Lamps
    section: PANEL 1

people:
  - id: tomas-reed
    name: Tomas Reed
    sort_name: Reed, Tomas
    section: PANEL 1

recommendations:
  - id: 2041-p1-r1
    summary: Keep the lamps lit.
    themes: [lighthouses]
    modality: must
    section: PANEL 1

expected_counts:
  - id: 2041-notes-items
    table: recommendations
    count: 1
"""


@pytest.fixture
def home(tmp_path: Path, seed_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, with the fabricated seed instead of the packaged one, and a pack."""
    copy = tmp_path / "packaged.yaml"
    shutil.copyfile(seed_path, copy)
    monkeypatch.setattr(cache, "seed_path", lambda: str(copy))
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(PACK, encoding="utf-8")
    return tmp_path


@pytest.fixture
def added(home: Path) -> Path:
    """The pack, in the folder of packs."""
    folder = Path(cache.packs_folder())
    folder.mkdir(parents=True)
    return Path(shutil.copy("mine.yaml", folder))


@pytest.fixture
def built(added: Path) -> Path:
    """The pack, in the folder of packs and in the cached database."""
    store.open_database().close()
    return added


def ids(run: Run, *argv: str) -> list[str]:
    return run(*argv, "-c", "id", db=None).out.split()[1:]


# Checking


def test_a_pack_is_checked_with_the_packaged_records_but_only_its_own_problems_are_reported(
    home: Path, run: Run
) -> None:
    text = PACK.replace("sort_name: Reed, Tomas\n", "sort_name: Reed, Tomas\n    distinct_from: [tom-reed]\n")
    Path("mine.yaml").write_text(text.replace("[lighthouses]", "[lighthouse]"), encoding="utf-8")
    packaged = Path("packaged.yaml")
    packaged.write_text(packaged.read_text().replace("speaker: edda-storm", "speaker: edda"), encoding="utf-8")
    done = run("check", "mine.yaml", db=None)
    assert (done.code, done.err) == (
        1,
        "mine.yaml:37:13: recommendations 2041-p1-r1: themes: no 'lighthouse' in themes; did you mean lighthouses?\n"
        "1 problem in the seed\n",
    )


def test_a_similar_name_is_a_warning_until_it_is_marked_as_distinct(home: Path, run: Run) -> None:
    done = run("check", "mine.yaml", db=None)
    assert done.code == 0
    assert done.err == (
        "mine.yaml:29:11: warning: people tomas-reed: 'Tomas Reed' may be the same person as 'Tom Reed' "
        "(tom-reed): if so, use that id; if not, write distinct_from: [tom-reed]\n"
        f"mine.yaml: 6 records, {len(checks.CHECKS)} rules, no problems, 1 warning\n"
    )
    text = PACK.replace("sort_name: Reed, Tomas\n", "sort_name: Reed, Tomas\n    distinct_from: [tom-reed]\n")
    Path("mine.yaml").write_text(text, encoding="utf-8")
    assert run("check", "mine.yaml", db=None).err.endswith("rules, no problems\n")


def test_two_people_may_have_the_same_name_if_marked_as_distinct(home: Path) -> None:
    text = PACK.replace("id: tomas-reed\n    name: Tomas Reed", "id: tom-reed-un\n    name: Tom Reed")
    Path("mine.yaml").write_text(text, encoding="utf-8")
    found = seed.load(Path("mine.yaml"), base=Path("packaged.yaml"))
    assert [p.message for p in checks.run(found) if not p.warning] == [
        "'reed tom' is also a name of tom-reed; if they are different people, write distinct_from: [tom-reed]"
    ]
    text = text.replace("sort_name: Reed, Tomas\n", "sort_name: Reed, Tom\n    distinct_from: [tom-reed]\n")
    Path("mine.yaml").write_text(text, encoding="utf-8")
    assert checks.run(seed.load(Path("mine.yaml"), base=Path("packaged.yaml"))) == []


@pytest.mark.parametrize("spelling", ["Томас Рид", "トム・リード"])
def test_a_name_in_another_script_is_a_spelling(home: Path, spelling: str) -> None:
    text = PACK.replace(
        "sort_name: Reed, Tomas\n",
        f"sort_name: Reed, Tomas\n    spellings:\n      - {spelling}\n    distinct_from: [tom-reed]\n",
    )
    Path("mine.yaml").write_text(text, encoding="utf-8")
    assert checks.run(seed.load(Path("mine.yaml"), base=Path("packaged.yaml"))) == []


def test_a_changed_name_is_only_a_warning(home: Path) -> None:
    text = PACK.replace("sort_name: Reed, Tomas\n", "sort_name: Reed, Tomas\n    spellings:\n      - Ann Berg\n")
    Path("mine.yaml").write_text(text, encoding="utf-8")
    found = seed.load(Path("mine.yaml"), base=Path("packaged.yaml"))
    checks.require(found)
    assert "'Ann Berg' shares no word with 'Tomas Reed'" in [p.message for p in checks.run(found) if p.warning]


def test_a_pack_never_replaces_a_record(home: Path, run: Run) -> None:
    text = PACK.replace("id: tomas-reed\n", "id: tom-reed\n")
    Path("mine.yaml").write_text(text, encoding="utf-8")
    done = run("packs", "add", "mine.yaml", db=None)
    assert done.code == 1
    line = Path("packaged.yaml").read_text().partition("- id: tom-reed\n")[0].count("\n") + 1
    assert f"people tom-reed: the id is used a second time; first in people, packaged.yaml:{line}\n" in done.err
    assert not Path(cache.packs_folder()).exists()


def test_records_added_to_a_packaged_document_are_counted_separately(home: Path) -> None:
    text = """\
extends: cthbkb

recommendations:
  - id: 2035-p1-t5
    summary: One more.
    themes: [lighthouses]
    modality: must
    document: 2035-conclusions
    section: PANEL 1
"""
    Path("mine.yaml").write_text(text, encoding="utf-8")
    assert checks.run(seed.load(Path("mine.yaml"), base=Path("packaged.yaml"))) == []


# Adding, listing, removing


def test_a_pack_is_part_of_every_answer(added: Path, run: Run) -> None:
    assert "2041-p1-r1" in ids(run, "recs", "--theme", "lighthouses")
    assert ids(run, "recs", "--year", "2041") == ["2041-p1-r1"]
    found = json.loads(run("recs", "--theme", "lighthouses", "--format", "json", db=None).out)
    assert {row["id"]: row["pack"] for row in found if row["pack"]} == {"2041-p1-r1": "mine"}
    assert "With your packs: mine (cthbkb packs)" in run("overview", "--format", "table", db=None).out
    about = json.loads(run("about", "--format", "json", db=None).out)
    assert about["linked"]["your packs"] == [
        {
            "id": "mine",
            "title": "1 conference, 1 session, 1 person, 1 recommendation, 1 document, 1 expected count",
        }
    ]
    assert about["limits"].startswith(
        "The knowledge base covers 6 documents, on the conferences of 2031, 2033, 2035 and 2041 and "
    )
    assert {"id": "2041-notes", "title": "recommendations: recommendation: 1 (of your pack mine)"} in about["linked"][
        "counts"
    ]
    assert "from your pack mine: 1" in run("recs", "--theme", "lighthouses", "-f", "table", db=None).err
    assert json.loads(run("show", "2041-p1-r1", "--format", "json", db=None).out)["pack"] == "mine"


def test_packs_are_listed_with_their_records_and_their_file(added: Path, run: Run) -> None:
    done = run("packs", db=None)
    assert done.out == f"pack\trecords\tstate\tfile\nmine\t6\tin use\t{added}\n"


def test_without_packs_the_list_says_how_to_make_one(home: Path, run: Run) -> None:
    done = run("packs", "list", db=None)
    assert (done.code, done.out) == (0, "pack\trecords\tstate\tfile\n")
    assert done.err == "there are no packs\nto make one: cthbkb packs template > mine.yaml\n"


def test_a_changed_pack_is_merged_again(built: Path, run: Run) -> None:
    built.write_text(PACK.replace("Keep the lamps lit.", "Keep them lit."), encoding="utf-8")
    assert "Keep them lit." in run("recs", "--year", "2041", db=None).out
    built.rename(built.with_name("ours.yaml"))
    (row,) = json.loads(run("recs", "--year", "2041", "--format", "json", db=None).out)
    assert row["pack"] == "ours"


def test_a_pack_is_replaced_only_on_request(added: Path, run: Run) -> None:
    done = run("packs", "add", "mine.yaml", db=None)
    assert (done.code, done.err) == (
        1,
        "error: the pack mine already exists\nhint: Replace it with: cthbkb packs add --force mine.yaml\n",
    )
    assert run("packs", "add", "mine.yaml", "--force", db=None).code == 0


def test_a_pack_that_cannot_be_written_leaves_the_old_one(
    added: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run("recs", "--year", "2041", db=None).out
    Path("mine.yaml").write_text(PACK.replace("Keep the lamps lit.", "Keep them lit."), encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        assert run("packs", "add", "mine.yaml", "--force", db=None).code == 1
    assert added.read_text(encoding="utf-8") == PACK
    assert run("recs", "--year", "2041", db=None).out == before


def test_a_removed_pack_is_not_used_and_its_file_is_kept(built: Path, run: Run) -> None:
    done = run("packs", "remove", "mine", db=None)
    kept = built.parent / "removed" / "mine.yaml"
    assert (done.code, done.err) == (0, f"removed mine; its file is kept as {kept}\n")
    assert kept.read_text(encoding="utf-8") == PACK
    assert run("recs", "--year", "2041", db=None).code == 2
    assert run("packs", "remove", "mine", db=None).err.startswith("error: unknown pack 'mine'\n")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("mine.yaml", PACK.replace("extends: cthbkb\n", ""), "error: mine.yaml does not extend"),
        ("My Pack.yaml", PACK, "error: 'My Pack' is not a valid name for a pack"),
        ("mine.yaml", PACK.replace("document:", "include:\n  - a.yaml\ndocument:"), "mine.yaml:1:1: include: no file"),
        (
            "mine.yaml",
            PACK.replace("document:", "include:\n  - b.yaml\ndocument:", 1),
            "error: mine.yaml includes other",
        ),
        (
            "mine.yaml",
            PACK.replace("extends: cthbkb", "extends: other"),
            "mine.yaml:1:10: extends: only 'cthbkb', the packaged",
        ),
        ("mine.yaml", "extends: cthbkb\n", "error: mine.yaml contains no records"),
        (
            "mine.yaml",
            PACK.replace("title: Notes", "title: Title of the document as printed"),
            "error: mine.yaml still contains text from the template, such as 'Title of the document as printed'",
        ),
    ],
)
def test_a_file_that_is_not_a_pack_is_refused(home: Path, run: Run, name: str, text: str, said: str) -> None:
    Path(name).write_text(text, encoding="utf-8")
    Path("b.yaml").write_text("themes: []\n", encoding="utf-8")
    done = run("packs", "add", name, db=None)
    assert done.code in {1, 2}
    assert done.err.startswith(said)


@pytest.mark.parametrize("argv", [("lst",), ("add",), ("remove", "a", "b"), ("list", "x")])
def test_a_wrong_action_is_reported_with_what_to_type(home: Path, run: Run, argv: tuple[str, ...]) -> None:
    done = run("packs", *argv, db=None)
    assert done.code == 2
    assert "hint: " in done.err


def test_a_replaced_and_a_removed_pack_are_both_kept(added: Path, run: Run) -> None:
    Path("mine.yaml").write_text(PACK.replace("Keep the lamps lit.", "Keep them lit."), encoding="utf-8")
    assert run("packs", "add", "mine.yaml", "--force", db=None).code == 0
    assert run("packs", "remove", "mine", db=None).code == 0
    removed = added.parent / "removed"
    assert "Keep the lamps lit." in (removed / "mine.yaml").read_text(encoding="utf-8")
    assert "Keep them lit." in (removed / "mine.2.yaml").read_text(encoding="utf-8")


def test_a_file_is_checked_with_the_other_packs_as_if_added(added: Path, run: Run) -> None:
    Path("more.yaml").write_text(
        "extends: cthbkb\n\nthemes:\n  - id: lamps\n    label: Lamps\n    scope_note: Lamps.\n"
        "    broader: lighthouses\n\npeople:\n  - id: tomas-reed\n    name: Tomas Reed\n    sort_name: Reed\n"
        "    document: 2041-notes\n    section: PANEL 1\n",
        encoding="utf-8",
    )
    for argv in (("check", "more.yaml"), ("packs", "check", "more.yaml"), ("packs", "add", "more.yaml")):
        done = run(*argv, db=None)
        assert done.code == 1
        assert f"the id is used a second time; first in people, {seed.shown(added)}:" in done.err
    for own in ("mine.yaml", str(added)):  # a pack is not compared with itself
        assert run("check", own, db=None).code == 0


def test_the_same_pack_under_another_name_is_reported_in_one_line(added: Path, run: Run) -> None:
    record = "  - id: 2041-p1-r{}\n    summary: a\n    themes: [lighthouses]\n    modality: must\n    section: b\n"
    more = PACK.replace("expected_counts", "".join(record.format(n) for n in range(2, 8)) + "\nexpected_counts")
    text = more.replace("count: 1", "count: 7").replace("\n\n  - id: 2041-p1-r2", "\n  - id: 2041-p1-r2")
    Path("mine.yaml").write_text(text, encoding="utf-8")
    assert run("packs", "add", "mine.yaml", "--force", db=None).code == 0
    shutil.copyfile("mine.yaml", "other.yaml")
    done = run("packs", "add", "other.yaml", db=None)
    assert done.err == (
        "other.yaml:1:1: 12 of its records are already in the pack mine\n1 problem in the seed\n"
        "hint: To replace that pack, name the file mine.yaml and add it with --force.\n"
    )


def test_removing_a_pack_that_another_depends_on_gives_a_warning(built: Path, run: Run) -> None:
    Path("more.yaml").write_text(
        "extends: cthbkb\n\nrecommendations:\n  - id: 2041-p1-r2\n    summary: a\n    themes: [lighthouses]\n"
        "    modality: must\n    document: 2041-notes\n    section: PANEL 1\n",
        encoding="utf-8",
    )
    done = run("packs", "add", "more.yaml", db=None)
    assert done.code == 0
    assert "note: in no thread, and so not compared: 1 of 1 item; to compare them, add thread_items\n" in done.err
    assert "note: 1 record of a document that is not in the pack: 2041-notes\n" in done.err
    assert [line.split("\t")[2] for line in run("packs", db=None).out.splitlines()[1:]] == ["in use", "in use"]
    done = run("packs", "remove", "mine", db=None)
    assert "warning: the pack more depends on it and is now left out\n" in done.err
    (row,) = run("packs", db=None).out.splitlines()[1:]
    assert row.split("\t")[:3] == ["more", "", "left out: 3 problems; see: cthbkb packs check more"]
    assert run("packs", "check", "more", db=None).err.endswith(
        "3 problems in the seed\nhint: Correct your own file and add it again: cthbkb packs add more.yaml --force\n"
    )


def test_a_file_that_extends_nothing_gets_a_hint(home: Path, run: Run) -> None:
    Path("mine.yaml").write_text(PACK.replace("extends: cthbkb\n", ""), encoding="utf-8")
    done = run("check", "mine.yaml", db=None)
    assert done.err.endswith(
        "hint: If the file builds on the packaged records, begin it with this line: extends: cthbkb\n"
    )


# Upgrades


def test_a_pack_that_conflicts_with_an_upgrade_is_left_out_with_a_warning(built: Path, run: Run) -> None:
    packaged = Path("packaged.yaml")
    text = packaged.read_text(encoding="utf-8")
    packaged.write_text(
        text.replace("- id: joao-da-silva\n", "- id: tomas-reed\n").replace("joao-da-silva", "tomas-reed")
    )
    for _ in range(2):
        done = run("recs", "--theme", "lighthouses", db=None)
        assert done.code == 0
        assert "2041-p1-r1" not in done.out
        assert done.err == (
            "warning: the pack mine is left out, because it fails the checks against the records of this version\n"
            "hint: cthbkb packs check mine\n"
        )
    checked = run("packs", "check", "mine", db=None).err
    assert "the id is used a second time" in checked
    assert checked.endswith("hint: Correct your own file and add it again: cthbkb packs add mine.yaml --force\n")
    assert "left out: 1 problem;" in run("packs", db=None).out


def test_a_broken_pack_does_not_affect_the_others(built: Path, run: Run) -> None:
    (built.parent / "broken.yaml").write_text("extends: cthbkb\nthemez: []\n", encoding="utf-8")
    done = run("recs", "--year", "2041", "-c", "id", db=None)
    assert done.out == "id\n2041-p1-r1\n"
    assert "the pack broken is left out" in done.err
    broken, mine = (line.split("\t") for line in run("packs", db=None).out.splitlines()[1:])
    assert broken[:2] == ["broken", ""]
    assert broken[2].startswith("left out: 1 problem")
    assert mine[:3] == ["mine", "6", "in use"]


def test_problems_of_the_packaged_seed_are_not_blamed_on_a_pack(built: Path) -> None:
    packaged = Path("packaged.yaml")
    unsound = packaged.read_text(encoding="utf-8").replace("speaker: edda-storm", "speaker: nobody", 1)
    for text, told in (
        ("themez: []\n", "unknown table 'themez'; did you mean themes?"),
        (unsound, "speaker: no 'nobody' in people"),
    ):
        packaged.write_text(text, encoding="utf-8")
        with pytest.raises(seed.SeedError) as caught:
            store.open_database()
        (problem,) = caught.value.problems
        assert (problem.path, problem.message) == ("packaged.yaml", told)


# The template


def test_the_template_is_written_to_a_file(home: Path, run: Run) -> None:
    assert run("packs", "template", "-o", "new.yaml", db=None).err.startswith("wrote new.yaml; ")
    assert Path("new.yaml").read_text(encoding="utf-8") == run("packs", "template", db=None).out
    assert run("packs", "template", "-o", "new.yaml", db=None).code == 1


def test_the_template_is_a_valid_pack(run: Run, tmp_path: Path) -> None:
    done = run("packs", "template")
    path = tmp_path / "mine.yaml"
    path.write_text(done.out, encoding="utf-8")
    assert [seed.canonical(layer) for layer in seed.load(path).layers] == [done.out]
    done = run("check", path)
    assert done.code == 0
    assert done.err.splitlines() == [
        f"{path}: 17 records, 36 rules, no problems",
        f"note: {path} still contains text from the template, such as 'Title of the document as printed'",
    ]


@pytest.mark.parametrize("dates", [("2041-05-01", "2041-05"), ("2041-05", "2041-06"), ("2041", "2041")])
def test_a_conference_without_known_days_works_everywhere(home: Path, run: Run, dates: tuple[str, str]) -> None:
    text = PACK.replace("'2041-05-01'", f"'{dates[0]}'").replace("'2041-05-02'", f"'{dates[1]}'")
    text = text.replace("    city: Port Lull\n", f"    city: Port Lull\n    planned_start: '{dates[0]}'\n")
    text = text.replace("    planned_start:", f"    planned_end: '{dates[1]}'\n    planned_start:")
    Path("mine.yaml").write_text(text, encoding="utf-8")
    assert run("load", "mine.yaml", "--db", "the.db").code == 0
    for line in (
        "conferences", "sessions", "search lamps at sea", "compare --planned 2041", "cite 2041-notes",
        "brief --theme lighthouses", "sessions -o p.ics", "export all.jsonld", "show 2041",
    ):  # fmt: skip
        done = run(*line.split(), "--db", "the.db")
        assert (done.code, "Traceback" in done.err) == (0, False), line


# The user's own databases


def test_a_database_is_rebuilt_from_its_seeds(home: Path, run: Run) -> None:
    assert run("load", "mine.yaml", "--db", "the.db").code == 0
    assert named.seeds_of("the.db") == [cache.PACKAGED, str(home / "mine.yaml")]
    Path("mine.yaml").write_text(PACK.replace("Keep the lamps lit.", "Keep them lit."), encoding="utf-8")
    assert run("load", "--db", "the.db").code == 0
    assert "Keep them lit." in run("recs", "--year", "2041", "--db", "the.db").out
    for _ in range(2):  # a seed that does not extend the packaged one
        assert run("load", *["packaged.yaml"] * (not Path("own.db").exists()), "--db", "own.db").code == 0
        assert named.seeds_of("own.db") == [str(home / "packaged.yaml")]


def test_the_packaged_seed_does_not_replace_a_missing_seed(home: Path, run: Run) -> None:
    theme = "themes:\n  - id: lamps\n    label: Lamps\n    scope_note: Lamps.\n"
    Path("more.yaml").write_text(f"extends: cthbkb\n\n{theme}", encoding="utf-8")
    assert run("load", "more.yaml", "mine.yaml", "--db", "the.db").code == 0
    before = Path("the.db").read_bytes()
    Path("mine.yaml").unlink()
    done = run("load", "--db", "the.db")
    assert (done.code, done.err) == (
        1,
        f"error: the.db was built from {home / 'mine.yaml'}, which cannot be found\n"
        "hint: Give the new path: cthbkb load SEED --db the.db\n",
    )
    assert Path("the.db").read_bytes() == before


def test_a_database_of_another_version_is_reported_with_the_command_that_rebuilds_it(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("load", "mine.yaml", "--db", "the.db")
    data = Path("the.db").read_bytes()
    Path("the.db").write_bytes(data[:60] + (7).to_bytes(4, "big") + data[64:])
    done = run("recs", "--db", "the.db")
    assert (done.code, done.err) == (
        1,
        "error: the.db was built by another version of cthbkb\n"
        f"hint: Rebuild it: cthbkb load {home / 'mine.yaml'} --db the.db\n",
    )
    assert run("load", "--db", "the.db").code == 0
    assert run("recs", "--db", "the.db").code == 0


def test_a_database_without_recorded_seeds_is_not_overwritten(home: Path, run: Run, seed_path: Path) -> None:
    build.build(seed.load(seed_path), Path("the.db"))
    done = run("load", "--db", "the.db")
    assert (done.code, done.err) == (
        1,
        "error: the.db does not record which seeds it was built from\nhint: Name them: cthbkb load SEED --db the.db\n",
    )


def test_a_link_to_a_database_stays_a_link(home: Path, run: Run) -> None:
    run("load", "mine.yaml", "--db", "real.db")
    Path("link.db").symlink_to("real.db")
    assert run("load", "mine.yaml", "--db", "link.db").code == 0
    assert Path("link.db").is_symlink()


# What is said


def test_a_database_that_was_loaded_is_named_with_its_seeds_and_how_to_use_it(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run("load", "mine.yaml", "--db", "the base.db", db=None)
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        f"loaded 181 records from {home}/packaged.yaml, {home}/mine.yaml into the base.db\n"
        f"to use it: add --db 'the base.db' to a command, or set CTHBKB_DB='{home}/the base.db'\n"
    )
    done = run("load", "mine.yaml", db=None)
    assert done.code == 2
    assert done.err == (
        "error: a seed of your own needs a database of its own\n"
        "hint: Add --db FILE: cthbkb load --db my.db mine.yaml; or keep it as a pack: cthbkb packs add mine.yaml\n"
    )
    broken = PACK.replace("[lighthouses]", "[lighthouse]")
    Path("mine.yaml").write_text(broken, encoding="utf-8")
    said = run("load", "mine.yaml", "--db", "the base.db", db=None).err
    assert said.endswith("1 problem in the seed\nhint: the base.db was not changed.\n")
    assert run("load", "mine.yaml", "--db", "other.db", db=None).err.endswith("1 problem in the seed\n")
    done = run("load", "packaged.yaml", "--db", "none/the.db", db=None)
    assert (done.code, done.err) == (1, "error: cannot write none/the.db: No such file or directory\n"
        "hint: Name a file in a writable folder.\n")  # fmt: skip


def test_loading_the_packaged_database_reports_if_it_is_not_used_or_stored(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = f"175 records from {home}/packaged.yaml"
    done = run("load", db="mine.db")
    (kept,) = (home / "cache" / "cthbkb").glob("kb-*.db")
    assert (done.code, done.out, done.err) == (
        0, "", f"loaded {loaded} into {kept}\n"
        "note: commands use another database while CTHBKB_DB is set: mine.db\n",
    )  # fmt: skip
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "mine.yaml"))
    lost = f"be stored: {home}/mine.yaml/cthbkb is not writable, or is writable by others"
    hint = (
        "hint: Set XDG_CACHE_HOME to a folder of your own; until then, every command builds the database in memory.\n"
    )
    assert run("load", db=None).err == (f"warning: the database of {loaded} cannot {lost}\n{hint}")
    monkeypatch.setattr(cache, "cache_folder", lambda: "")
    assert "cannot be stored: there is no home folder\n" in run("load", db=None).err


def numbered(number: int) -> str:
    """Return the pack with so many items."""
    record = "  - id: 2041-p1-r{}\n    summary: a\n    themes: [lighthouses]\n    modality: must\n    section: b\n\n"
    more = "".join(record.format(n) for n in range(2, number + 1))
    return PACK.replace("expected_counts", more + "expected_counts").replace("count: 1", f"count: {number}")


def test_records_of_another_pack_are_told_one_by_one_while_they_are_few(added: Path, run: Run) -> None:
    """Besides its items, the pack has four records whose ids are taken."""
    for items, said in ((4, ": the id is used a second time; "), (5, "9 of its records are already in the pack mine")):
        added.write_text(numbered(items), encoding="utf-8")
        Path("other.yaml").write_text(numbered(items).replace("2041-notes-items", "2041-items"), encoding="utf-8")
        done = run("packs", "check", "other.yaml", db=None)
        assert done.err.count(said) == (8 if items == 4 else 1)
        assert ("\nhint: To replace that pack, name the file mine.yaml" in done.err) == (items == 5)


def test_a_text_of_the_template_is_one_from_25_letters_on(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = home / "template.yaml"
    monkeypatch.setattr(cache, "template_path", lambda: str(template))
    for length in (24, 25):
        text = "x" * length
        template.write_text(PACK.replace("Lamps at sea", text), encoding="utf-8")
        Path("mine.yaml").write_text(PACK.replace("title: Notes", f"title: {text}"), encoding="utf-8")
        done = run("packs", "add", "mine.yaml", "--force", db=None)
        assert done.code == (length == 25), done.err
    assert done.err == f"error: mine.yaml still contains text from the template, such as {text!r}\nhint: Replace it.\n"


def test_what_is_done_with_a_pack_is_said_with_what_to_type_next(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run("packs", "add", "mine.yaml", db=None)
    warning, note, added = done.err.splitlines()
    assert warning.startswith("mine.yaml:29:11: warning: people tomas-reed: ")
    assert note == "note: in no thread, and so not compared: 1 of 1 item; to compare them, add thread_items"
    assert added == "added mine: 6 records, now part of every answer; to undo: cthbkb packs remove mine"
    assert done.out == ""
    assert run("packs", "check", "mine", db=None).err == f"{cache.packs_folder()}/mine.yaml: 6 records, no problems\n"
    assert run("packs", "template", "-o", "-", db=None).out == run("packs", "template", db=None).out
    assert not Path("-").exists()
    Path("own file.yaml").write_text("x", encoding="utf-8")
    assert run("packs", "template", "-o", "own file.yaml", db=None).err == (
        "error: own file.yaml already exists\nhint: Name another file, or replace it with --force.\n"
    )
    assert run("packs", "template", "-o", "own file.yaml", "--force", db=None).err == (
        "wrote own file.yaml; replace its values, then: cthbkb check 'own file.yaml'\n"
    )
    for argv, said in (
        (("list", "x"), "error: packs list takes no argument\nhint: Type: cthbkb packs list\n"),
        (("remove",), "error: packs remove takes one NAME\nhint: Type: cthbkb packs remove NAME\n"),
        (("check", "mien"), "error: unknown pack 'mien'\nhint: Did you mean mine?"),
    ):
        assert run("packs", *argv, db=None).err.startswith(said)
    monkeypatch.setattr(cache, "packs_folder", lambda: "")
    done = run("packs", "add", "mine.yaml", db=None)
    assert (done.code, done.err) == (
        1, "error: there is no home folder for packs\nhint: Set XDG_DATA_HOME to a writable folder.\n"
    )  # fmt: skip


def test_a_folder_of_packs_that_cannot_be_written_is_named(
    added: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refused)
        done = run("packs", "remove", "mine", db=None)
    hint = "hint: Make the folder writable.\n"
    assert (done.code, done.err) == (1, f"error: cannot move {added}: Permission denied\n{hint}")
    assert added.exists()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", refused)
        done = run("packs", "add", "mine.yaml", "--force", db=None)
    kept = added.parent / "removed" / "mine.yaml"
    assert (done.code, done.err.splitlines()[-2:]) == (
        1, [f"error: cannot write {kept}: Permission denied", hint.strip()]
    )  # fmt: skip


def test_files_that_were_removed_are_numbered(added: Path) -> None:
    assert [packs._free(added).name for _ in range(2)] == ["mine.yaml"] * 2
    (added.parent / "removed").mkdir()
    for name in ("mine.yaml", "mine.2.yaml", "mine.3.yaml"):
        assert packs._free(added) == added.parent / "removed" / name
        packs._free(added).touch()


def test_a_base_that_was_read_from_standard_input_cannot_be_built_again_without_it(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PACK.encode()), encoding="utf-8"))
    assert run("load", "-", "--db", "the.db").code == 0
    assert named.seeds_of("the.db") == [cache.PACKAGED, "-"]
    done = run("load", "--db", "the.db")
    assert (done.code, done.err.splitlines()[0]) == (1, "error: the.db was built from -, which cannot be found")


def test_what_is_beside_a_pack_is_no_part_of_its_problems(added: Path, run: Run) -> None:
    """Another pack that does not pass the checks is left out; a pack is counted without the others."""
    for name in ("bad.yaml", "worse.yaml"):
        (added.parent / name).write_text(PACK.replace("[lighthouses]", "[lighthouse]"), encoding="utf-8")
    for text in ("Lamps.", "'Lamps.'"):  # the form of a pack is its author's
        Path("more.yaml").write_text(
            f"extends: cthbkb\n\nthemes:\n  - id: lamps\n    label: Lamps\n    scope_note: {text}\n", encoding="utf-8"
        )
        assert run("packs", "check", "more.yaml", db=None).err == "more.yaml: 1 record, no problems\n"
        told = f"more.yaml: 1 record, {len(checks.CHECKS)} rules, no problems\n"
        assert run("check", "more.yaml", db=None).err == told
    said = "is left out, because it fails the checks against the records of this version\nhint: cthbkb packs check"
    assert run("packs", "add", "more.yaml", db=None).err == (
        f"warning: the pack bad {said} bad\nwarning: the pack worse {said} worse\n"
        "added more: 1 record, now part of every answer; to undo: cthbkb packs remove more\n"
    )  # without the warning on a person of the other pack
    listed = [line.split("\t") for line in run("packs", db=None).out.splitlines()]
    assert [row[:2] for row in listed] == [
        ["pack", "records"],
        ["bad", ""],
        ["mine", "6"],
        ["more", "1"],
        ["worse", ""],
    ]
    assert run("load", "--db", "the.db").code == 0
    assert named.seeds_of("the.db") == [cache.PACKAGED, str(added), str(added.with_name("more.yaml"))]


def test_a_database_is_loaded_into_the_home_folder_where_a_shell_does_not_expand_it(home: Path, run: Run) -> None:
    (home / "home").mkdir()
    assert run("load", "mine.yaml", "--db=~/my.db", db=None).code == 0
    assert (home / "home" / "my.db").exists()
    assert named.seeds_of(str(home / "home" / "my.db"))[1:] == [str(home / "mine.yaml")]
