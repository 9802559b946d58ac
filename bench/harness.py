"""What every measurement uses: start a server on a database of its own, send it requests from another process, print a table.

Machines are shared and noisy: compare only figures of one run, as a ratio.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Result:
    """`rate` in requests a second; percentiles of the latency in milliseconds; how many answers had each status."""

    rate: float
    p50: float
    p95: float
    p99: float
    statuses: dict[int, int]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def serve(factory: str, *, workers: int = 1, **environment: str) -> Iterator[tuple[int, int]]:
    """Run an ASGI factory ("backend.main:build") under uvicorn; gives (port, process id). LN_… settings as keywords."""
    port = free_port()
    env = {**os.environ, "LN_BASE_URL": f"http://127.0.0.1:{port}", "LN_RATE_LIMITS": "false", **environment}
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--factory",
        factory,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--workers", str(workers), "--log-level", "warning", "--no-access-log", "--no-proxy-headers"]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        _wait_for(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise RuntimeError("the server stopped at once")
        try:
            with socket.create_connection(("127.0.0.1", port), 0.2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")


def get(path: str, cookie: str = "") -> bytes:
    """A GET as a browser sends it, on a connection that stays open."""
    line = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{line}\r\n".encode()


def post(path: str, body: str, cookie: str = "") -> bytes:
    line = f"Cookie: {cookie}\r\n" if cookie else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n{line}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def load(
    port: int,
    request: Callable[[int], bytes],
    *,
    clients: int = 10,
    seconds: float = 5,
    total: int = 0,
    different: int = 400,
    pace: float = 0,
) -> Result:
    """Send `request(n)` from `clients` connections, for so many seconds or `total` requests.

    After `different` requests the same come again. `pace`: so many a second in all, each at its moment, and one that leaves
    late is late from that moment; 0: each as soon as the one before is answered.
    """
    requests = [request(n) for n in range(total or different)]
    with get_context("fork").Pool(1) as pool:  # another process, so that the client does not slow the server
        job = pool.apply_async(_run, (port, requests, clients, 0 if total else seconds, pace))
        return job.get(seconds + 120)


def _run(*arguments: Any) -> Result:
    return asyncio.run(_drive(*arguments))


async def _drive(port: int, requests: list[bytes], clients: int, seconds: float, pace: float) -> Result:
    times: list[float] = []
    statuses: dict[int, int] = {}
    turn = iter(range(10**9))
    started = time.perf_counter()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() - started < seconds or not seconds:
            n = next(turn)
            if not seconds and n >= len(requests):
                break
            due = started + n / pace if pace else time.perf_counter()
            await asyncio.sleep(max(0, due - time.perf_counter()))
            writer.write(requests[n % len(requests)])
            status = await _answer(reader)
            times.append(time.perf_counter() - due)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    took = time.perf_counter() - started
    times.sort()
    p50, p95, p99 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.95, 0.99))
    return Result(len(times) / took, p50, p95, p99, statuses)


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end and give its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    if length:
        await reader.readexactly(int(length))
    elif b"transfer-encoding: chunked" in head:
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    return status


def memory_mb(pid: int) -> float:
    """Resident memory of a process, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0
