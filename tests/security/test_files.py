"""What the program writes to disk is for the account it runs as, and nobody else on the machine."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from backend.config import ROOT


def test_what_it_writes_is_for_this_account_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    env = {name: value for name, value in os.environ.items() if not name.startswith("LN_")}
    env["LN_DATA_DIR"] = str(data)
    before = os.umask(0o022)  # what a machine usually starts with
    try:
        subprocess.run(
            [sys.executable, "-m", "backend", "migrate"], cwd=ROOT, env=env, check=True, capture_output=True
        )
    finally:
        os.umask(before)
    written = [data, *data.rglob("*")]
    assert "app.db" in {path.name for path in written}
    open_to_others = [path.name for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_to_others == []
