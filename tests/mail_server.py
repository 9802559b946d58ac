"""A real mail server (aiosmtpd) on a free port, that keeps what it gets and answers what it is told to."""

import asyncio
import email
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP


class Postbus:
    """`kept`: every mail that arrived, as (recipients, message, bytes)."""

    def __init__(self) -> None:
        self.kept: list[tuple[list[str], EmailMessage, bytes]] = []
        self.answers: list[str] = []  # to the next mails; then "250 OK"
        self.recipient_answer = ""
        self.goes_on = threading.Event()  # cleared: it has the mail, and does not answer
        self.goes_on.set()

    async def handle_RCPT(self, _smtp: Any, _session: Any, envelope: Any, to: str, _options: Any) -> str:
        if self.recipient_answer:
            return self.recipient_answer
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _smtp: Any, _session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.kept.append((envelope.rcpt_tos, message, envelope.content))
        while not self.goes_on.is_set():
            await asyncio.sleep(0.01)
        return answer

    @property
    def messages(self) -> list[EmailMessage]:
        return [message for _recipients, message, _raw in self.kept]


@contextmanager
def mail_server(postbus: Postbus, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run it in a thread (this one may have the loop of a browser); gives its port on 127.0.0.1."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = asyncio.run_coroutine_threadsafe(
        loop.create_server(
            lambda: SMTP(
                postbus, hostname="localhost", tls_context=tls, require_starttls=tls is not None, loop=loop
            ),
            "127.0.0.1",
            0,
        ),
        loop,
    ).result(5)
    try:
        yield int(made.sockets[0].getsockname()[1])
    finally:
        postbus.goes_on.set()
        made.close()
        asyncio.run_coroutine_threadsafe(_finish(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _finish() -> None:
    """Let conversations that are under way see that it is over."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
