"""Locks between the processes of one machine: who migrates now, and whether the program runs."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from backend.config import settings


@contextmanager
def locked(
    name: Literal["migrating", "running"], *, shared: bool = False, wait: bool = True
) -> Iterator[None]:
    """Hold a lock file in the data folder. Without `wait`, raises BlockingIOError when another process holds it.

    `running` is held shared by serve and work, and alone by restore. The kernel lets go when a process dies.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / f"{name}.lock").open("a") as file:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        yield
