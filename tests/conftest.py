"""Shared fixtures: the fabricated seed, a database built from it, and the program run in this process."""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import importlib
import importlib.util
import inspect
import os
import pty
import sqlite3
import stat
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings
from series import Series

from cthbkb import build, cache, front, named
from cthbkb import seed as seeds

Run = Callable[..., "Done"]
Test = Callable[..., None]

gc.set_threshold(20_000, 20, 20)  # each collection of all objects takes long after so many imports

if sys.version_info >= (3, 13):  # Datasette leaves connections open when it starts, which these versions warn of
    with warnings.catch_warnings(action="ignore", category=ResourceWarning), contextlib.suppress(ImportError):
        importlib.import_module("cthbkb.web")  # spares Datasette the definitions of physical units
        importlib.import_module("datasette.filters")
        versions = importlib.import_module("datasette.utils.sqlite")
        versions.supports_table_xinfo()  # keeps the version of SQLite that it finds
        gc.collect()

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy would start threads that wait for work in every process
# Matplotlib keeps its list of fonts there, and would make it again for each home of a test.
os.environ.setdefault("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib"))

fsync = os.fsync


def _checked(handle: int) -> None:
    """Stand for `fsync`: do not wait for the disk, but fail if something else than a file or folder is flushed."""
    kind = os.fstat(handle).st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        fsync(handle)


os.fsync = _checked  # which takes milliseconds for each file, and matters only after a power failure

settings.register_profile("cthbkb", deadline=None)  # tests must not fail on a slow machine
settings.load_profile("cthbkb")


def each(names: str, cases: Iterable[Any]) -> Callable[[Test], Test]:
    """Try all cases in one test, and name every case that fails; used like `pytest.mark.parametrize`.

    It is for many quick, similar cases, such as a rule that holds for every listing. Fixtures are shared by all cases,
    but each case has its own `tmp_path`, and its changes through `monkeypatch` are undone.
    """
    keys = [name.strip() for name in names.split(",")]
    rows = [case if len(keys) > 1 else (case,) for case in cases]
    assert rows, f"no {names} to try"

    def decorated(test: Test) -> Test:
        @functools.wraps(test)
        def tried(**fixtures: Any) -> None:
            failures: list[Exception] = []
            for n, row in enumerate(rows):
                values = dict(zip(keys, row, strict=True))
                with pytest.MonkeyPatch.context() as patch:
                    own = {"monkeypatch": patch} if "monkeypatch" in fixtures else {}
                    if "tmp_path" in fixtures:
                        own["tmp_path"] = fixtures["tmp_path"] / str(n)
                        own["tmp_path"].mkdir()
                    try:
                        test(**(fixtures | own | values))
                    except (Exception, pytest.fail.Exception) as error:
                        failure = error if isinstance(error, Exception) else AssertionError(error.msg)
                        failure.add_note(
                            "with " + ", ".join(f"{key} = {called(value)}" for key, value in values.items())
                        )
                        failures.append(failure.with_traceback(error.__traceback__))
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(rows)} cases", failures)

        needed = [p for name, p in inspect.signature(test).parameters.items() if name not in keys]
        tried.__signature__ = inspect.Signature(needed)  # type: ignore[attr-defined]  # which pytest asks for
        return tried

    return decorated


def called(value: Any) -> str:
    """Return the name of a value in a case, for the report."""
    text = repr(getattr(value, "name", value))
    return text if len(text) < 200 else f"{text[:200]}…"


def script(path: str) -> ModuleType:
    """Import a script that is not part of the package, by its path from the root of the repository."""
    file = Path(__file__).resolve().parents[1] / path
    spec = importlib.util.spec_from_file_location(f"{file.stem}_script", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def tree(path: Path) -> ast.Module:
    """Parse a module, only once for all tests."""
    return ast.parse(path.read_text(encoding="utf-8"))


def on_a_terminal(*argv: str, env: Mapping[str, str], quiet: bool = False) -> tuple[int, bytes]:
    """Run the program on a terminal; return its exit code and the output, without stderr if `quiet`."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "cthbkb", *argv]
    stderr = subprocess.DEVNULL if quiet else slave
    process = subprocess.Popen(command, env=os.environ | env, stdout=slave, stderr=stderr, stdin=slave)
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # raised by Linux when the other end is closed
            piece = b""
        if not piece:
            break
        shown += piece
    os.close(master)
    return process.wait(timeout=60), shown


SMALL = """\
import sys
from cthbkb import cache, front
seed = sys.argv.pop(1)
cache.seed_path = lambda: seed
sys.exit(front.main())
"""
"""Runs the program in another process with a small seed, given as its first argument, instead of the packaged one."""


@dataclass(frozen=True)
class Done:
    """The exit code and output of a command."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test its own home and cache, a plain terminal of 80 columns, and a disk that need not be waited for."""
    monkeypatch.setattr(os, "fsync", os.fstat)  # which also refuses a closed file
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data-home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("PAGER", "cat")
    for name in ("CTHBKB_DB", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def seed_path() -> Path:
    """The fabricated seed: three invented forums."""
    return Path(__file__).with_name("seed.yaml")


@pytest.fixture(scope="session")
def seed(seed_path: Path) -> seeds.Seed:
    return seeds.load(seed_path)


@pytest.fixture(scope="session")
def database(seed: seeds.Seed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The database of the fabricated seed, whose schema SQLite reads only once for all connections of the program."""
    path = tmp_path_factory.mktemp("database") / "fabricated.db"
    build.build(seed, path)
    connect, address = sqlite3.connect, f"file:{path}?mode=ro&immutable=1"
    shared = f"{address}&cache=shared"
    with closing(connect(shared, uri=True)) as kept, pytest.MonkeyPatch.context() as patch:
        kept.execute("select * from sqlite_master").close()
        patch.setattr(sqlite3, "connect", lambda at, *a, **how: connect(shared if at == address else at, *a, **how))
        yield path


@pytest.fixture(scope="session")
def series() -> Series:
    """The records of a series of five conferences, made at random."""
    return Series()


@pytest.fixture(scope="session")
def of_series(series: Series, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The database of the series."""
    path = tmp_path_factory.mktemp("series") / "series.db"
    build.build(series.seed(), path)
    with closing(named.connect(str(path))) as db:
        yield db


@pytest.fixture(scope="session")
def schema_of(database: Path) -> Callable[[sqlite3.Connection], int]:
    """`named.schema_of`, which computes the digest of the database of the fabricated seed only once."""
    compute = named.schema_of
    with closing(sqlite3.connect(database)) as db:
        known = compute(db)

    def digest(db: sqlite3.Connection) -> int:
        _, _, path = db.execute("pragma database_list").fetchone()
        return known if path == str(database) else compute(db)

    return digest


@pytest.fixture(scope="session")
def packaged_seed() -> seeds.Seed:
    """The packaged data."""
    return seeds.load(Path(cache.seed_path()))


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder for `XDG_CACHE_HOME` with the packaged database, built only once for all workers."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "first-run"
    home.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch, open(home / "lock", "w") as lock:
        patch.setenv("XDG_DATA_HOME", str(home / "data"))
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        build.packaged(str(home / "cthbkb"))[0].close()
    return home


@pytest.fixture(scope="session")
def packaged(first_run: Path) -> Path:
    """The database of the packaged data, for tests of its content and tests that need many records."""
    (path,) = (first_run / "cthbkb").glob("kb-*.db")
    return path


@pytest.fixture
def db(database: Path) -> Iterator[sqlite3.Connection]:
    """The database of the fabricated seed, opened in the same way as by the program."""
    connection = named.connect(str(database))
    yield connection
    connection.close()


@pytest.fixture
def memory() -> Iterator[sqlite3.Connection]:
    """An empty database in memory."""
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


@pytest.fixture(params=["text", "empty", "another program's"])
def foreign(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file that is not a database of the program."""
    path = tmp_path / "mine.db"
    if request.param == "text":
        path.write_text("my thesis, which is longer than the head of a database" * 20, encoding="utf-8")
    elif request.param == "empty":
        path.touch()
    else:
        with closing(sqlite3.connect(path)) as db:
            db.execute("create table mine (a)")
    return path


@pytest.fixture
def run(
    database: Path,
    schema_of: Callable[[sqlite3.Connection], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run the program on the fabricated database, on the one at `db`, or with `db=None` on the cached one."""

    def runs(*argv: str | Path, db: Path | str | None = database) -> Done:
        if db is None:
            monkeypatch.delenv("CTHBKB_DB", raising=False)
        else:
            monkeypatch.setenv("CTHBKB_DB", str(db))
        capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(named, "schema_of", schema_of)
            code = front.main([str(word) for word in argv])
        written = capsys.readouterr()
        return Done(code, written.out, written.err)

    return runs


def pytest_collection_finish() -> None:
    """Keep the modules and the tests out of collections."""
    gc.collect()
    gc.freeze()
