"""A real server in its own process, for what a client library would not send: `python -m tests.security.door PORT`."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.config import ROOT


class Door:
    """A server that runs, and where it keeps its files."""

    def __init__(self, port: int, folder: Path, pid: int) -> None:
        self.port, self.folder, self.pid = port, folder, pid

    def send(self, *pieces: bytes, wait: float = 5) -> bytes:
        """Send the pieces as they are; everything that comes back until the server is done or `wait` is over."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
            except OSError:
                pass  # it closed while we were still talking: it may
            answer = b""
            try:
                while more := connection.recv(65536):
                    answer += more
            except OSError:
                pass
            return answer

    def status(self, *pieces: bytes, wait: float = 5) -> int:
        """The status of the answer, 0 when the server only closed. More than one answer is smuggling."""
        answer = self.send(*pieces, wait=wait)
        assert answer.count(b"HTTP/1.1 ") <= 1, answer[:2000]
        return int(answer.split()[1]) if answer else 0

    def bytes_on_disk(self) -> int:
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())

    def memory(self) -> int:
        """Resident bytes of the server."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def endless(path: str, kind: str, megabytes: int) -> Iterator[bytes]:
    """A body in chunks that does not say how long it will be."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: {kind}\r\n"
    yield head.encode() + b"Transfer-Encoding: chunked\r\n\r\n"
    for _ in range(megabytes):
        yield b"%x\r\n" % 1_000_000 + b"a" * 1_000_000 + b"\r\n"
    yield b"0\r\n\r\n"


def forwarded_tries(door: Door) -> list[int]:
    """The statuses of eleven tries to sign in, each claiming to be sent on for somebody else."""
    return [
        door.status(
            b"POST /aanmelden HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Forwarded-For: 6.6.6.%d\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 33\r\n\r\n"
            b"email=a%02d@test.example&password=x" % (n, n)
        )
        for n in range(11)
    ]


@contextmanager
def open_door(folder: Path, **environment: str) -> Iterator[Door]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "tmp").mkdir()
    command = [sys.executable, "-m", "tests.security.door", str(port)]
    env = os.environ | {
        "LN_DATA_DIR": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "LN_EMBEDDED_WORKER": "0",
        **environment,
    }
    with subprocess.Popen(command, cwd=ROOT, env=env) as process:
        try:
            for _ in range(1200):  # a busy machine starts slowly
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None, "the server did not start"
                    time.sleep(0.05)
            yield Door(port, folder, process.pid)
        finally:
            process.terminate()


if __name__ == "__main__":
    from sqlmodel import SQLModel

    from backend.__main__ import _run_server
    from backend.config import settings
    from backend.db import make_engine
    from backend.main import create_app

    engine = make_engine(settings.database)
    create_app(engine)  # so that every table is known
    SQLModel.metadata.create_all(engine)
    _run_server("127.0.0.1", int(sys.argv[1]))  # as `serve` does
