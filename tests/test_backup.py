"""Backups: what comes back, and what is refused before anything is touched."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from backend import backup, schema
from backend.__main__ import main
from backend.config import ROOT, settings
from backend.db import make_engine
from backend.errors import OperatorError
from backend.locks import locked
from backend.network.models import Region


def add_region(engine: Engine, key: str) -> None:
    with Session(engine) as session:
        session.add(Region(key=key, name=key))
        session.commit()


def regions(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return sorted(session.exec(select(Region.key)))


def test_a_backup_brings_everything_back_and_keeps_what_was_there(
    installation: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    uploads = settings.data_dir / "uploads"
    uploads.mkdir()
    (uploads / "foto.bin").write_bytes(b"\x00\x01" * 1000)
    add_region(installation, "waasland")
    assert main(["backup"]) == 0
    (made,) = (settings.data_dir / "backups").glob("*.zip")
    assert str(made) in capsys.readouterr().out
    with zipfile.ZipFile(made) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["rows"]["region"] == 1
    assert manifest["revision"] == schema.newest()
    assert set(manifest["files"]) == {backup.DATABASE[installation.dialect.name], "uploads/foto.bin"}

    add_region(installation, "later")
    (uploads / "foto.bin").unlink()
    installation.dispose()
    assert main(["restore", str(made)]) == 0
    assert regions(installation) == ["waasland"]
    assert (uploads / "foto.bin").read_bytes() == b"\x00\x01" * 1000
    (kept,) = (settings.data_dir / "backups").glob("before-restore-*")
    assert any(path.stat().st_size > 1000 for path in kept.iterdir() if path.is_file())
    add_region(installation, "and goes on")


def test_the_former_database_can_be_opened(on_sqlite: Engine) -> None:
    assert main(["backup", str(settings.data_dir / "b.zip")]) == 0
    add_region(on_sqlite, "later")
    on_sqlite.dispose()
    assert main(["restore", str(settings.data_dir / "b.zip")]) == 0
    (kept,) = (settings.data_dir / "backups").glob("before-restore-*")
    former = make_engine(f"sqlite:///{kept}/app.db")
    assert regions(former) == ["later"]
    former.dispose()


def damaged(made: Path) -> None:
    content = bytearray(made.read_bytes())
    content[len(content) // 3] ^= 0xFF
    made.write_bytes(content)


def cut_short(made: Path) -> None:
    made.write_bytes(made.read_bytes()[:-200])


def changed(made: Path, change: Callable[[dict[str, Any]], None]) -> None:
    with zipfile.ZipFile(made) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content["manifest.json"])
    change(manifest)
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, json.dumps(manifest) if name == "manifest.json" else data)


def of_another_version(made: Path) -> None:
    changed(made, lambda manifest: manifest.update(revision="0123456789ab"))


def of_another_kind(made: Path) -> None:
    changed(made, lambda manifest: manifest.update(database="postgresql"))


def that_writes_elsewhere(made: Path) -> None:
    changed(
        made, lambda manifest: manifest["files"].update({"uploads/../../evil": {"size": 1, "sha256": ""}})
    )


def that_is_something_else(made: Path) -> None:
    made.write_text("not a zip")


@pytest.mark.parametrize(
    "spoil",
    [damaged, cut_short, of_another_version, of_another_kind, that_writes_elsewhere, that_is_something_else],
)
def test_a_backup_that_is_not_right_changes_nothing(
    spoil: Callable[[Path], None], on_sqlite: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    made = backup.make_backup(on_sqlite)
    spoil(made)
    add_region(on_sqlite, "still here")
    on_sqlite.dispose()
    assert main(["restore", str(made)]) == 2
    assert "back-up" in capsys.readouterr().err
    assert regions(on_sqlite) == ["still here"]
    assert not list((settings.data_dir / "backups").glob("before-restore-*"))


def test_nothing_is_restored_while_the_program_runs(on_sqlite: Engine) -> None:
    made = backup.make_backup(on_sqlite)
    with locked("running", shared=True), pytest.raises(OperatorError, match="draait nog"):
        backup.restore(on_sqlite, made)


def test_a_damaged_database_is_not_called_a_backup(on_sqlite: Engine) -> None:
    with on_sqlite.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")
        raw.execute("INSERT INTO municipality SELECT 'X', 'X', 'X', 'nowhere', 0, 0, 1, 1, NULL, 0, 1")
        connection.commit()
        raw.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(OperatorError, match="beschadigd"):
        backup.make_backup(on_sqlite)
    assert not list((settings.data_dir / "backups").glob("*"))


NEXT = """
from alembic import op
revision = "next"
down_revision = "HEAD"
def upgrade():
    op.execute("DELETE FROM region")
def downgrade():
    pass
"""


def test_a_database_is_backed_up_before_it_changes(
    on_sqlite: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_region(on_sqlite, "waasland")
    on_sqlite.dispose()
    newer = tmp_path / "newer"
    (newer / "migrations" / "versions").mkdir(parents=True)
    versions = (ROOT / "migrations" / "versions").glob("*.py")
    for path in [ROOT / "alembic.ini", ROOT / "migrations" / "env.py", *versions]:
        (newer / path.relative_to(ROOT)).write_text(path.read_text())
    (newer / "migrations" / "versions" / "next.py").write_text(NEXT.replace("HEAD", str(schema.newest())))
    monkeypatch.setattr(schema, "ROOT", newer)
    assert main(["migrate"]) == 0
    assert "Back-up" in capsys.readouterr().out
    assert regions(on_sqlite) == []
    (made,) = (settings.data_dir / "backups").glob("*.zip")
    assert backup.verify(made)["rows"]["region"] == 1
    assert main(["migrate"]) == 0
    assert len(list((settings.data_dir / "backups").glob("*.zip"))) == 1, "nothing changed, nothing kept"
