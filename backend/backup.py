"""Backups: one zip file with the database, the uploads and a manifest; checked when made, checked again before it is used."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy import Connection, Engine, inspect

from backend import schema
from backend.config import settings
from backend.db import now, sqlite_driver
from backend.errors import OperatorError
from backend.locks import locked

PRODUCT = "lerend-netwerk"
FORMAT = 1
DATABASE = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}


def make_backup(engine: Engine, file: Path | None = None) -> Path:
    """Write a backup while the program runs on. It appears under its name only when it is whole and checked."""
    moment = now()
    file = file or settings.data_dir / "backups" / f"{moment.astimezone():%Y-%m-%d-%H%M%S}.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        raise OperatorError(f"{file} bestaat al.")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        copy = Path(folder) / DATABASE[engine.dialect.name]
        rows = _copy_sqlite(engine, copy) if engine.dialect.name == "sqlite" else _dump_postgres(engine, copy)
        uploads = settings.data_dir / "uploads"
        files = {copy.name: copy}
        files |= {f"uploads/{p.relative_to(uploads).as_posix()}": p for p in _files_in(uploads)}
        partial = Path(folder) / "backup.zip"
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            written = {name: _add(archive, name, path) for name, path in files.items()}
            archive.writestr("manifest.json", json.dumps(_manifest(engine, moment, rows, written), indent=1))
        with partial.open("rb") as whole:
            os.fsync(whole.fileno())
        verify(partial)
        partial.rename(file)
    return file


def restore(engine: Engine, file: Path) -> Path:
    """Put a backup back. Refuses before touching anything; returns where the former state is kept."""
    with _nobody_running(), tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restore-") as folder:
        fresh = Path(folder)
        manifest = verify(file)
        _check_fit(manifest, engine)
        with zipfile.ZipFile(file) as archive:
            for name in manifest["files"]:
                target = fresh / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, target.open("wb") as out:
                    shutil.copyfileobj(source, out)
                    out.flush()
                    os.fsync(out.fileno())
        kept = settings.data_dir / "backups" / f"before-restore-{now().astimezone():%Y-%m-%d-%H%M%S}"
        kept.mkdir(parents=True)
        put_back = _put_back_sqlite if engine.dialect.name == "sqlite" else _put_back_postgres
        put_back(engine, fresh / DATABASE[engine.dialect.name], kept)
        uploads = settings.data_dir / "uploads"
        if uploads.exists():
            uploads.rename(kept / "uploads")
        if (fresh / "uploads").exists():
            (fresh / "uploads").rename(uploads)
    return kept


def verify(file: Path) -> dict[str, Any]:
    """The manifest of a backup that is whole. Else an OperatorError."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _read_manifest(archive)
            for name, said in manifest["files"].items():
                if not _is_safe(name) or archive.getinfo(name).file_size != said["size"]:
                    raise OperatorError(f"deze back-up is beschadigd: {name}")
                with archive.open(name) as content:
                    if _copy_and_digest(content)["sha256"] != said["sha256"]:
                        raise OperatorError(f"deze back-up is beschadigd: {name}")
    except (
        OSError,
        KeyError,
        TypeError,
        AttributeError,
        ValueError,
        EOFError,
        zlib.error,
        zipfile.BadZipFile,
    ) as error:
        raise OperatorError(f"{file} is geen back-up, of is beschadigd ({type(error).__name__}).") from error
    return manifest


def _read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo("manifest.json").file_size > 100_000_000:
        raise ValueError("manifest")
    manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    if manifest["product"] != PRODUCT or manifest["format"] != FORMAT:
        raise OperatorError("dit is geen back-up van dit programma, of een van een andere soort.")
    return manifest


def _check_fit(manifest: dict[str, Any], engine: Engine) -> None:
    if manifest["database"] != engine.dialect.name:
        raise OperatorError(
            f"deze back-up is van {manifest['database']}, en hier draait {engine.dialect.name}."
        )
    if manifest["revision"] != schema.newest():
        raise OperatorError(
            f"deze back-up is van een andere versie (databank {manifest['revision']}). Zet hem terug met die versie "
            "van het programma, en werk daarna bij."
        )


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    inside = path.parts[:1] == ("uploads",) or name in DATABASE.values()
    return inside and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _manifest(
    engine: Engine, moment: datetime, rows: dict[str, int], files: dict[str, Any]
) -> dict[str, Any]:
    return {
        "product": PRODUCT,
        "format": FORMAT,
        "made_at": moment.isoformat(),
        "database": engine.dialect.name,
        "revision": schema.revision(engine),
        "rows": rows,
        "files": files,
    }


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        return _copy_and_digest(source, target)


def _copy_and_digest(source: IO[bytes], target: IO[bytes] | None = None) -> dict[str, Any]:
    """Size and hash of what was really read: an upload may change in the meantime."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(1 << 20):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return {"sha256": digest.hexdigest(), "size": size}


def _files_in(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _count_rows(connection: Connection) -> dict[str, int]:
    tables = sorted(inspect(connection).get_table_names())
    return {t: int(connection.exec_driver_sql(f'SELECT count(*) FROM "{t}"').scalar_one()) for t in tables}  # noqa: S608


@contextmanager
def _nobody_running() -> Iterator[None]:
    try:
        with locked("running", wait=False):
            yield
    except BlockingIOError as error:
        raise OperatorError("het programma draait nog. Stop eerst `serve` en `work`.") from error


# ── SQLite ──


def _copy_sqlite(engine: Engine, target: Path) -> dict[str, int]:
    """A consistent copy, also while others write, and proof that it is sound."""
    with engine.execution_options(postgresql_readonly=True).connect() as connection:
        raw: Any = connection.connection.driver_connection
        with closing(sqlite_driver().connect(str(target))) as copy:
            raw.backup(copy)
    return _check_sqlite(target)


def _check_sqlite(file: Path) -> dict[str, int]:
    with closing(sqlite_driver().connect(str(file))) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        whole = copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not whole or copy.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise OperatorError("de databank zelf is beschadigd. Bewaar ze, en zet een oudere back-up terug.")
        names = [
            n for (n,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        return {n: copy.execute(f'SELECT count(*) FROM "{n}"').fetchone()[0] for n in names}  # noqa: S608


def _put_back_sqlite(engine: Engine, fresh: Path, kept: Path) -> None:
    _check_sqlite(fresh)
    engine.dispose()
    live = Path(str(engine.url.database))
    for part in (live, *(live.with_name(live.name + tail) for tail in ("-wal", "-shm"))):
        if part.exists():  # the three belong together: kept as they are, they open again
            part.rename(kept / part.name)
    fresh.replace(live)


# ── PostgreSQL ──


def _dump_postgres(engine: Engine, target: Path) -> dict[str, int]:
    """pg_dump and the row counts, of one and the same moment."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        moment = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        rows = _count_rows(connection)
        options = [
            f"--snapshot={moment}",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={target}",
        ]
        _postgres_program("pg_dump", engine, options)
        connection.rollback()
    return rows


def _put_back_postgres(engine: Engine, fresh: Path, kept: Path) -> None:
    _dump_postgres(engine, kept / fresh.name)
    engine.dispose()
    options = [
        "--clean",
        "--if-exists",
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
    ]
    _postgres_program("pg_restore", engine, [*options, str(fresh)])


def _postgres_program(name: str, engine: Engine, options: list[str]) -> None:
    """Run a program of PostgreSQL on this database. The password goes by the environment: arguments can be seen."""
    found = shutil.which(name)
    if found is None:
        raise OperatorError(f"{name} staat niet op deze machine. Installeer de client van PostgreSQL.")
    address = engine.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    env = {**os.environ, **({"PGPASSWORD": str(engine.url.password)} if engine.url.password else {})}
    done = subprocess.run(  # noqa: S603 - a program by its full path, with arguments of our own
        [found, f"--dbname={address}", *options], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OperatorError(f"{name} mislukte: {done.stderr.strip().splitlines()[-1:]}")
