"""A PostgreSQL of the tests' own: a throwaway cluster on a socket in a temporary folder, never a port."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

OFFERED = (
    "LN_TEST_POSTGRES"  # the address of a running cluster with {name} for the database, from `make test`
)
AGAIN = "LN_TEST_AGAIN"  # set by `make test-deep`: what uses the shared database runs again, on PostgreSQL
# No autovacuum: it would note how few rows a table has between two tests, and plan for those.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


@cache
def programs() -> Path | None:
    """The folder with initdb and postgres, or None: Debian keeps them out of the path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """Start one; gives its address with {name} for the database. As root it runs as another user: initdb insists."""
    bin_folder = programs()
    assert bin_folder is not None, "PostgreSQL is not installed"
    folder = Path(tempfile.mkdtemp(prefix="ln-pg-"))
    user = _owner()
    become = []
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
        become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    data = folder / "data"
    options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(
        [*become, bin_folder / "initdb", "-D", data, *options], check=True, capture_output=True, env=env
    )
    settings = ["listen_addresses=", f"unix_socket_directories={folder}", "max_connections=200"]
    settings += [] if durable else FAST
    command = [*become, bin_folder / "postgres", "-D", data, *(part for s in settings for part in ("-c", s))]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=env)
    address = f"postgresql+psycopg://postgres@/{{name}}?host={folder}"
    try:
        _wait_for(address)
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            _run(address, "SELECT 1")
        except OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not start")


def _run(address: str, statement: str) -> None:
    engine = create_engine(address.replace("{name}", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def make_database(address: str, like: str = "") -> str:
    """Make a database, empty or a copy of that of another address, which nobody may use meanwhile; gives its address."""
    name = f"t{uuid4().hex}"
    template = f' TEMPLATE "{make_url(like).database}"' if like else ""
    _run(address, f'CREATE DATABASE "{name}"{template}')
    return address.replace("{name}", name)


def drop_database(url: str) -> None:
    with_name = make_url(url)
    address = with_name.set(database="postgres").render_as_string(hide_password=False)
    _run(address, f'DROP DATABASE "{with_name.database}" WITH (FORCE)')
