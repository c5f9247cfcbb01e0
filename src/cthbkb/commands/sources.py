"""`sources`: the user's own copies of the documents, used to quote exactly and to verify the records."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence

from cthbkb import record
from cthbkb.catalog import Request
from cthbkb.columns import Col
from cthbkb.commands import database
from cthbkb.copies import locate, resolve, shelf, verify
from cthbkb.copies.prints import Index, make
from cthbkb.copies.read import read
from cthbkb.copies.sections import Sections
from cthbkb.copies.words import Copy
from cthbkb.errors import Failure, UsageError, shown, unknown
from cthbkb.formats import Answer, Output, emit
from cthbkb.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

__all__ = ["run"]

COPIES = (
    Col("document", 1), Col("passages", 1, "number"), Col("found", 1, "number"), Col("to_the_word", 1, "number"),
    Col("kind", 1), Col("pages", 1, "number"), Col("file", 1, "prose"),
)  # fmt: skip

LOCATED = (
    Col("record", 1), Col("says", 1, "prose"), Col("passage", 1, "prose"), Col("place", 1), Col("second", 1, "prose"),
    Col("fingerprint", 1, "prose"),
)  # fmt: skip

VERIFIED = (
    Col("document", 1), Col("table", 1), Col("record", 1), Col("state", 1), Col("checked", 0, "prose"),
    Col("failed", 1, "prose"), Col("not_checked", 1, "prose"),
)  # fmt: skip


def run(request: Request) -> int:
    """Carry out the action in the first argument: list (the default), add, remove, locate or verify."""
    action, *rest = request.arguments or ["list"]
    if action not in ACTIONS:
        raise unknown("sources action", action, ACTIONS, f"Actions: {', '.join(ACTIONS)}.")
    function, noun, most = ACTIONS[action]
    if bool(noun) > len(rest) or len(rest) > most:
        raise UsageError(
            f"sources {action} takes {noun or 'no argument'}", f"Type: cthbkb sources {action} {noun}".rstrip()
        )
    db = database(request)
    return function(request, db, rest)


def _list(request: Request, db: sqlite3.Connection, _: Sequence[str]) -> int:
    """List the copies, each with the number of passages of its document that were found."""
    rows = []
    with shelf.Shelf(db) as at_hand:
        for document in at_hand.paths:
            copy = at_hand[document]
            states = Counter(passage.state for passage in copy.passages().values())
            found = states[resolve.FOUND] + states[resolve.UNSURE]
            about = [copy.kind, copy.pages or None, copy.name]
            rows.append([document, states.total(), found, states[resolve.FOUND], *about])
    answer = Answer("copies", COPIES, rows)
    if not rows:
        answer.notes.append("there are no copies; to add one: cthbkb sources add FILE")
    return emit(answer, Output(request))


def _add(request: Request, db: sqlite3.Connection, paths: Sequence[str]) -> int:
    """Recognise and store each file; report which document it is, or why it is not stored."""
    failed = 0
    for path in paths:
        try:
            document, passages = shelf.add(db, os.path.expanduser(path))
        except Failure as error:
            failed += 1
            say(f"error: {error.message}; nothing was stored")
            if error.hint:
                say(f"hint: {error.hint}")
            continue
        states = Counter(passage.state for passage in passages)
        rest = f", {states[resolve.UNSURE]} not word for word" if states[resolve.UNSURE] else ""
        found = states[resolve.FOUND] + states[resolve.UNSURE]
        say(f"added {document}: {found} of {states.total()} passages found{rest}")
    if failed < len(paths):
        say("to read the original words: cthbkb show ID; to undo: cthbkb sources remove DOCUMENT")
    return 1 if failed else 0


def _remove(request: Request, db: sqlite3.Connection, documents: Sequence[str]) -> int:
    """Remove stored copies; the original files are not touched."""
    at_hand = shelf.Shelf(db).paths
    for document in documents:
        if document not in at_hand:
            raise unknown("copy", document, at_hand, "To list copies: cthbkb sources")
    for document in documents:
        os.unlink(at_hand[document])
        say(f"removed the copy of {document}; the original file is unchanged")
    return 0


def _locate(request: Request, db: sqlite3.Connection, words: Sequence[str]) -> int:
    """Propose the passage and fingerprint of a record, or of every record of a document, for a curator to review."""
    table, id_ = record.find(db, words[0])
    if table != "documents":
        locate.require(table, id_)
    document = id_ if table == "documents" else shelf.document_of(db, table, id_)
    copy = _copy(db, request, document)
    sections = Sections(copy, dict.fromkeys(resolve.sections(db, document).values()))
    locator = locate.Locator(copy, sections)
    index = Index(copy, document)
    if table == "documents":
        named = [(t, i) for t in locate.SAID for (i,) in db.execute(f"select id from {t} where document = ?", (id_,))]
    else:
        named = [(table, id_)]
    answer = Answer("passages", LOCATED)
    rows = []
    for of, one in named:
        found = locate.proposal(db, locator, of, one)
        if len(words) > 1:
            chosen = locator.named(" ".join(words[1:]))
            if not chosen:
                raise Failure(f"no passage matches {shown(' '.join(words[1:]))}", 'Write: "first words ... last words"')
            found.best = locate.Candidate(1.0, chosen[0])
            found.second = locate.Candidate(1.0, chosen[1]) if len(chosen) > 1 else None
        if found.best is None:
            answer.notes.append(f"{one}: no similar passage")
            continue
        passage = resolve.describe(copy, one, found.best.spans)
        second = resolve.describe(copy, one, found.second.spans) if found.second and found.doubtful else None
        if second:
            answer.notes.append(f"{one}: another passage, at {second.place}, matches nearly as well")
        elif found.doubtful:
            answer.notes.append(f"{one}: the passage has little in common with the record")
        fingerprint = make(one, index, found.best.spans)
        rows.append([one, found.says, passage.text, passage.place, second and second.text, str(fingerprint)])
    answer.rows = rows
    answer.notes.append(
        "before adding a fingerprint to the seed, compare the passage with the record;"
        ' to choose another passage: cthbkb sources locate RECORD "first words ... last words"'
    )
    return emit(answer, Output(request))


def _copy(db: sqlite3.Connection, request: Request, document: str) -> Copy:
    """Return the copy of a document: the named file, or the stored one."""
    named = request.value("copy")
    if named:
        return Copy(read(os.path.expanduser(named)).lines)
    with shelf.Shelf(db) as at_hand:
        if document not in at_hand.paths:
            raise Failure(f"there is no copy of {document}", "Add one, or name a file: --copy FILE")
        return Copy(at_hand[document].lines())


def _verify(request: Request, db: sqlite3.Connection, documents: Sequence[str]) -> int:
    """Verify every record against the copies; list those that fail, or all with `--all`."""
    at_hand = shelf.Shelf(db)
    if not at_hand.paths:
        raise Failure("there is no copy", "To add one: cthbkb sources add FILE")
    for document in documents:
        if document not in at_hand.paths:
            raise unknown("copy", document, at_hand.paths, "To list copies: cthbkb sources")
    copies = []
    with at_hand:
        for document in at_hand.paths:
            stored = at_hand[document]
            copies.append(verify.Source(db, document, Copy(stored.lines()), stored.passages()))
    lacking = [document for document in resolve.fingerprints(db) if document not in at_hand.paths]
    verdicts = [v for v in verify.verify(db, copies, lacking) if not documents or v.document in documents]
    rows = [
        [v.document, v.table, v.record, v.state, joined(v.checked), joined(v.failed), joined(v.open)]
        for v in verdicts
        if request.switch("all") or v.state != "verified" or v.open
    ]
    answer = Answer("records", VERIFIED, rows)
    for table in dict.fromkeys(v.table for v in verdicts):
        states = Counter(v.state for v in verdicts if v.table == table)
        columns = ", ".join(dict.fromkeys(column for v in verdicts if v.table == table for column in v.checked))
        told = ", ".join(f"{states[state]} {state}" for state in ("verified", "failed", "open") if states[state])
        answer.notes.append(f"{table}: {told}; checked: {columns}")
    if lacking and not documents:
        answer.notes.append(f"not checked, because there is no copy: {', '.join(lacking)}")
    failed = sum(v.state == "failed" for v in verdicts)
    answer.notes.append(f"{len(verdicts)} records, {failed} failed")
    return emit(answer, Output(request)) or int(failed > 0)


def joined(texts: Sequence[str]) -> str | None:
    """Return some texts as one cell; None if there are none."""
    return "; ".join(texts) or None


ACTIONS: dict[str, tuple[Callable[[Request, sqlite3.Connection, Sequence[str]], int], str, int]] = {
    "list": (_list, "", 0),
    "add": (_add, "FILE...", 1000),
    "remove": (_remove, "DOCUMENT...", 1000),
    "locate": (_locate, "RECORD", 1000),
    "verify": (_verify, "", 1000),
}
"""Maps an action to its function, the noun of its arguments, and their maximum number."""
