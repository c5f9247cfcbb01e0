"""Files: a failed write leaves the old file, and a replaced file keeps its permissions, owner and links."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any, TextIO

import pytest
from conftest import Run, each

from cthbkb import files
from cthbkb.errors import Failure, Refused
from cthbkb.files import replace, replace_all, replace_folder

root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="gives files to another user")


def full(file: TextIO) -> None:
    file.write("half")
    raise OSError(28, "No space left on device")


def new(file: TextIO) -> None:
    file.write("new")


def held(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_file_is_written_completely(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    replace(str(path), lambda file: file.write("é\n"))
    assert path.read_bytes() == "é\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_an_unfinished_file_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(Failure, match=f"cannot write {path}: No space left on device"):
        replace(str(path), full)
    assert held(path) == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_private_and_beside_its_target_until_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.touch(0o600)
    names: list[str] = []

    def write(file: IO[Any]) -> None:
        names.append(file.name)
        assert Path(file.name).parent == tmp_path
        assert stat.S_IMODE(os.stat(file.name).st_mode) == 0o600

    for _ in range(2):
        replace(str(path), write)
    assert names[0] != names[1]


def test_a_link_in_place_of_an_unfinished_file_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = tmp_path / "victim"
    victim.write_text("private", encoding="utf-8")
    (tmp_path / f"{files.PREFIX}{'00' * 8}").symlink_to(victim)
    monkeypatch.setattr(files.os, "urandom", bytes)  # makes the random name predictable
    with pytest.raises(Failure, match="File exists"):
        replace(str(tmp_path / "a.txt"), new)
    assert held(victim) == "private"


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.touch()
    path.chmod(0o600)
    replace(str(path), new)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "by-the-system").touch()
    replace(str(tmp_path / "a.txt"), new)
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "by-the-system").stat().st_mode


def test_a_write_protected_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o400)
    with pytest.raises(Failure, match="it is write-protected"):
        replace(str(path), new)
    assert held(path) == "old"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link, path = tmp_path / "link", tmp_path / "a.txt"
    link.symlink_to(path)
    for text in ("first", "second"):
        replace(str(link), lambda file, text=text: file.write(text))  # type: ignore[misc]
        assert link.is_symlink()
        assert held(path) == text


def test_hard_links_keep_the_old_content_and_a_note_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, other = tmp_path / "a.txt", tmp_path / "b.txt"
    path.write_text("old", encoding="utf-8")
    other.hardlink_to(path)
    replace(str(path), new)
    assert (held(path), held(other)) == ("new", "old")
    assert capsys.readouterr().err == (f"note: {path} had other names (hard links), which keep the old content\n")


@root
def test_a_file_keeps_its_owner_and_group(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.touch(0o640)
    os.chown(path, 12345, 23456)
    replace(str(path), new)
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 23456, 0o640)


@root
def test_a_lost_owner_is_reported_and_a_lost_group_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.txt"
    path.touch()
    os.chown(path, 12345, 23456)
    path.chmod(0o664)

    def refuses(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(files.os, "chown", refuses)
    replace(str(path), new)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604
    assert capsys.readouterr().err == (
        f"note: {path} could not keep its group, which can no longer read it\n"
        f"note: {path} belonged to another user and now belongs to you\n"
    )


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="attributes as Linux has them")
def test_a_file_keeps_its_attributes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.touch()
    try:
        os.setxattr(path, "user.origin", b"here")
    except OSError:
        pytest.skip("this disk has no attributes")
    replace(str(path), new)
    assert os.getxattr(path, "user.origin") == b"here"


def test_a_pipe_is_written_to(database: Path) -> None:
    command = [sys.executable, "-m", "cthbkb", "recs", "-n2", "--format", "csv", "-o", "/dev/stdout"]
    command += ["--db", str(database)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 3


READING = (
    ("check", "NAME"), ("check", "--diff", "NAME"), ("check", "--where", "fog", "NAME"),
    ("load", "NAME", "--db", "a.db"), ("packs", "check", "NAME"), ("sources", "add", "NAME"),
    ("sources", "locate", "2031-p1-r4", "--copy", "NAME"),
)  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes")
@each("words", READING)
def test_a_pipe_or_device_is_not_opened_to_read_it(
    words: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody writes to the pipe, so that opening it would wait for ever."""
    monkeypatch.chdir(tmp_path)
    if not os.path.exists("pipe.yaml"):
        os.mkfifo("pipe.yaml")
    for name, what in {"pipe.yaml": "pipe", "/dev/zero": "device"}.items():
        done = run(*(name if word == "NAME" else word for word in words))
        assert done.code == 1
        said, hint = done.err.splitlines()
        assert said.startswith(f"error: cannot read {name}: it is a {what}, not a file")
        assert hint.startswith("hint: Name a ")


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="has no names for open files")
def test_the_output_of_a_command_is_read_like_a_file(run: Run) -> None:
    """A shell passes the output of `<(COMMAND)` as a pipe."""
    seed = b"themes:\n  - id: fog\n    label: Fog\n    scope_note: Horns.\n"
    for command, code, said in (
        ("check", 0, "1 record, "),
        ("check --fix", 2, "--fix cannot rewrite "),
        ("packs add", 1, "is not a file"),
    ):
        reading, writing = os.pipe()
        os.write(writing, seed)
        os.close(writing)
        done = run(*command.split(), f"/dev/fd/{reading}")
        os.close(reading)
        assert (done.code, said in done.err) == (code, True), done.err


def test_a_name_with_line_breaks_and_controls_is_shown_on_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CTHBKB_DEBUG", "")
    odd, shown = "a\nerror: b\x1b[31m\r\t.yaml", "a\\nerror: b\\x1b[31m\\r\\t.yaml"
    text = "themes:\n  - id: fog\n    label: Fog\n    scope_note: Horns.\n"
    Path(odd).write_text(text, encoding="utf-8")
    Path(f"bad{odd}").write_text("themes:\n- id: fog\n  label: Fog\n", encoding="utf-8")
    Path(f"loose{odd}").write_text(text.replace("    ", "     ").replace("- id", "-  id"), encoding="utf-8")
    for words, code in {
        ("check", odd): 0, ("check", f"bad{odd}"): 1,
        ("check", f"loose{odd}"): 1, ("check", "--diff", f"loose{odd}"): 0,
        ("check", "--where", "fog", odd): 0, ("load", odd, "--db", f"{odd}.db"): 0, ("load", odd): 2,
        ("check", f"none{odd}"): 1, ("recs", "--db", odd): 1, ("recs", "--db", f"none{odd}"): 1,
        ("packs", "add", odd): 2, ("packs", "check", odd): 0, ("packs", "check", f"none{odd}"): 2,
        ("packs", "template", "-o", f"template{odd}"): 0,
        ("sources", "add", odd): 1, ("schema", "-o", f"schema{odd}"): 0,
        ("themes", "--db", f"{odd}.db", "-o", f"rows{odd}", "-f", "yaml"): 0,
        ("export", f"out{odd}/", "--db", f"{odd}.db"): 0, ("brief", "fog", "--db", f"{odd}.db", "-o", f"{odd}.md"): 0,
    }.items():  # fmt: skip
        done = run(*words)
        assert done.code == code, (words, done.err)
        said = done.err + done.out
        assert "\nerror: b" not in said, words
        assert not {"\x1b", "\r"} & set(said), words
        assert "\t" not in done.err, words
        assert shown in said or "is not a valid name" in said or r"a\x0aerror: b" in said, (words, said)


def test_files_left_by_a_killed_process_are_removed_later(tmp_path: Path) -> None:
    ages = {"killed": 3600, "running": 5}
    for n, age in enumerate(ages.values()):
        path = tmp_path / f"{files.PREFIX}{n:016x}"
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    mine = tmp_path / f"{files.PREFIX}notes.txt"
    mine.touch()
    os.utime(mine, (0, 0))
    replace(str(tmp_path / "a.txt"), new)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        f"{files.PREFIX}{1:016x}",
        f"{files.PREFIX}notes.txt",
        "a.txt",
    ]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_leaves_nothing_behind_and_ends_the_process(name: str, tmp_path: Path) -> None:
    program = f"""
import signal, time
from cthbkb.files import replace
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a test that runs in the background inherits others
signal.signal(signal.SIGINT, signal.default_int_handler)
def write(file):
    file.write("half")
    print("writing", flush=True)
    time.sleep(60)
replace({str(tmp_path / "a.txt")!r}, write)
"""
    (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(getattr(signal, name))
    assert process.returncode == -getattr(signal, name)
    assert [(p.name, held(p)) for p in tmp_path.iterdir()] == [("a.txt", "old")]


def test_signal_handlers_are_restored(tmp_path: Path) -> None:
    before = [signal.getsignal(getattr(signal, name)) for name in files.SIGNALS]
    replace(str(tmp_path / "a.txt"), new)
    assert [signal.getsignal(getattr(signal, name)) for name in files.SIGNALS] == before


# Several files as a unit


def test_files_are_replaced_together_or_not_at_all(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.txt", "b.txt", "c.txt")]
    for path in paths[:2]:
        path.write_text("old", encoding="utf-8")
    with pytest.raises(Failure, match=r"c\.txt: No space left"):
        replace_all([(str(paths[0]), new, "utf-8"), (str(paths[1]), new, "utf-8"), (str(paths[2]), full, "utf-8")])
    assert {p.name: held(p) for p in tmp_path.iterdir()} == {"a.txt": "old", "b.txt": "old"}
    replace_all([(str(path), new, "utf-8") for path in paths])
    assert {p.name: held(p) for p in tmp_path.iterdir()} == dict.fromkeys(("a.txt", "b.txt", "c.txt"), "new")


@pytest.mark.parametrize("nth", [0, 1, 2, 3])
def test_files_that_cannot_all_be_renamed_are_restored(
    nth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of the files is new; the others existed before."""
    paths = [tmp_path / f"{n}.txt" for n in range(4)]
    for path in paths[1:]:
        path.write_text("old", encoding="utf-8")
    rename, left = os.replace, [nth]

    def fails(source: str, target: str) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise OSError(5, "Input/output error", source, None, target)
        rename(source, target)

    monkeypatch.setattr(files.os, "replace", fails)
    with pytest.raises(Failure, match=rf"cannot write .*/{nth}\.txt: Input/output error"):
        replace_all([(str(path), new, "utf-8") for path in paths])
    assert {p.name: held(p) for p in tmp_path.iterdir()} == {p.name: "old" for p in paths[1:]}


def test_files_that_cannot_be_restored_are_reported_and_the_others_are_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / name for name in "abcd"]
    for path in paths:
        path.write_text("old", encoding="utf-8")
    rename = os.replace

    def fails(source: str, target: str) -> None:
        if target.endswith("d") or (target.endswith("a") and held(paths[0]) == "new"):
            raise OSError(5, "Input/output error", source, None, target)
        rename(source, target)

    monkeypatch.setattr(files.os, "replace", fails)
    with pytest.raises(
        Failure, match=r"cannot write .*/d: Input/output error; .*/a cannot be restored either"
    ) as caught:
        replace_all([(str(path), new, "utf-8") for path in paths])
    assert caught.value.hint == "Some files are new and some are old: run the command again when the disk works."
    assert {p.name: held(p) for p in tmp_path.iterdir()} == {"a": "new", "b": "old", "c": "old", "d": "old"}


def test_a_folder_in_place_of_a_file_is_reported_before_any_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    (tmp_path / "b.txt").mkdir()
    with pytest.raises(Failure, match=r"b\.txt: it is a folder"):
        replace_folder(str(tmp_path), [("a.txt", new, "utf-8"), ("b.txt", new, "utf-8")], force=True)
    assert held(tmp_path / "a.txt") == "old"


def test_a_folder_created_for_files_is_removed_if_they_fail(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="No space left"):
        replace_folder(str(tmp_path / "out"), [("a.txt", new, "utf-8"), ("b.txt", full, "utf-8")], force=False)
    assert list(tmp_path.iterdir()) == []


# All commands that write


WRITERS = {
    "a listing": ("recs", "-o", "OUT/a.csv"),
    "a briefing": ("brief", "--theme", "fair-pay", "-o", "OUT/a.md"),
    "the schema": ("schema", "-o", "OUT/a.json"),
    "an export": ("export", "OUT/a.db"),
    "a folder": ("export", "OUT/"),
    "a database": ("load", "SEED", "--db", "OUT/a.db"),
    "a template": ("packs", "template", "-o", "OUT/a.yaml"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_every_written_file_keeps_links_and_permissions(writer: str, run: Run, seed_path: Path, tmp_path: Path) -> None:
    """The files of a first run are moved, made private and replaced by links; a second run writes through the links."""
    out, real = tmp_path / "out", tmp_path / "real"
    words = [word.replace("OUT", str(out)).replace("SEED", str(seed_path)) for word in WRITERS[writer]]
    out.mkdir()
    assert run(*words).code == 0
    out.rename(real)
    out.mkdir()
    names = [path.name for path in real.iterdir()]
    for name in names:
        (real / name).write_bytes((real / name).read_bytes()[:100])
        (real / name).chmod(0o600)
        (out / name).symlink_to(real / name)
    if writer == "a database":
        (real / "a.db").unlink()
        run("load", seed_path, "--db", real / "a.db")
        (real / "a.db").chmod(0o600)
    forced = [] if writer in {"a database", "the schema"} else ["--force"]
    done = run(*words, *forced)
    assert (done.code, [n for n in names if not (out / n).is_symlink()]) == (0, [])
    assert {stat.S_IMODE((real / name).stat().st_mode) for name in names} == {0o600}
    assert all((real / name).stat().st_size != 100 for name in names)
    assert sorted(p.name for p in real.iterdir()) == sorted(names)


def test_a_failed_export_leaves_the_old_one(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("export", tmp_path / "out")
    before = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    flush, left = os.fsync, [len(before) - 1]

    def fails(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        flush(handle)

    monkeypatch.setattr(files.os, "fsync", fails)
    done = run("export", tmp_path / "out", "--force", "--theme", "fair-pay")
    assert (done.code, done.out) == (1, "")
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == before


def test_the_schema_is_written_to_a_file_like_other_output(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "seed.schema.json"
    done = run("schema", "-o", path)
    assert (done.code, done.out, done.err) == (0, "", f"wrote the schema to {path}\n")
    assert held(path) == run("schema").out
    assert run("schema", "-o", tmp_path).code == 1
    assert list(tmp_path.glob(f"{files.PREFIX}*")) == []


# Files that may be replaced


PNG, ZIP, BOM = b"\x89PNG\r\n", b"PK\x03\x04", b"\xef\xbb\xbf"

ALIKE = {
    "csv": ([b"id,year", BOM + b"id", b"anything", b""], [b"id\0", PNG + b"\0"]),
    "json": ([b"[1]", b"{}", BOM + b"[]", b""], [b"id,year", ZIP]),
    "jsonl": ([b'{"a": 1}'], [b"[1]"]),
    "yaml": ([b"- a", b"[]\n"], [b"a: b"]),
    "markdown": ([b"| a |", b"# A"], [b"a", b"#a"]),
    "bibtex": ([b"@misc{"], [b"x@"]),
    "ris": ([b"TY  - RPRT"], [b"TY - RPRT"]),
    "csl-json": ([b"["], [b"{"]),
    "ics": ([b"BEGIN:VCALENDAR"], [b"BEGIN:VCARD"]),
    "svg": ([b"<?xml", b"<svg"], [b"<html"]),
    "png": ([PNG], [b"PNG"]),
    "pdf": ([b"%PDF-1.7"], [b"PDF"]),
    "html": ([b"<!doctype html>"], [b"<html>"]),
    "docx": ([ZIP], [b"PK"]),
    "xlsx": ([ZIP], [b"id"]),
    "database": ([b"SQLite format 3\0"], [b"SQLite format 2"]),
}
"""Maps a kind of output to beginnings of files that it may replace, and of files that it may not."""


def test_a_file_is_replaced_without_force_only_by_its_own_kind(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert set(files.BEGINNINGS) <= set(ALIKE)
    for kind, (alike, others) in ALIKE.items():
        for held_before in (*alike, *others):
            path.write_bytes(held_before)
            if held_before in alike:
                replace(str(path), new, kind=kind, force=False)
            else:
                with pytest.raises(Refused) as caught:
                    replace(str(path), new, kind=kind, force=False)
                assert caught.value.message == f"{path} exists and is not a {kind} file"
                replace(str(path), new, kind=kind)
            assert held(path) == "new", (kind, held_before)
            path.unlink()
    replace(str(path), new, kind="png", force=False)
    assert held(path) == "new"


def test_files_are_restored_without_hard_links_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_text("old", encoding="utf-8")
    rename, left = os.replace, [2]

    def fails(source: str, target: str) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise OSError(5, "Input/output error", source, None, target)
        rename(source, target)

    def refuses(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(files.os, "replace", fails)
    monkeypatch.setattr(files.os, "link", refuses)
    with pytest.raises(Failure, match=r"cannot write .*/c: Input/output error"):
        replace_all([(str(path), new, "utf-8") for path in paths])
    assert {p.name: held(p) for p in tmp_path.iterdir()} == dict.fromkeys("abc", "old")


def test_a_closed_pipe_is_not_an_error_of_a_file(tmp_path: Path) -> None:
    def left(_: object) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        replace(str(tmp_path / "a"), left)
    with pytest.raises(BrokenPipeError):
        replace("/dev/null", left)
    assert list(tmp_path.iterdir()) == []
