"""The organiser's list and files for a day with 5,000 registrations: how long they take, and whether memory stays flat.

python -m bench.organiser [--people 5000]
"""

import argparse
import tempfile
import time
import tracemalloc
from pathlib import Path
from uuid import uuid4

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from backend.auth.models import Account, AccountStatus
from backend.db import make_engine, now
from backend.events import figures, lists, selecting
from backend.events.models import Registration, RegistrationStatus
from backend.events.selecting import Selection
from tests.factories import make_day

GOAL = 2.0  # seconds for a file
FLAT = 1.2  # times the memory of a file with half the people; both are read in several pieces


def fill(session: Session, people: int) -> "object":
    day, moment = make_day(session, capacity=people, taken=people), now()
    ids = [uuid4() for _ in range(people)]
    session.execute(insert(Account), [
        {"id": who, "email": f"lid{n}-{who.hex[:6]}@bench.example", "name": f"Lid {n}", "status": AccountStatus.MEMBER,
         "language": "nl", "created_at": moment, "motivation": "", "is_fictional": True} for n, who in enumerate(ids)
    ])  # fmt: skip
    session.execute(insert(Registration), [
        {"id": uuid4(), "day_id": day.id, "account_id": who, "status": RegistrationStatus.CONFIRMED, "sequence": 0,
         "must_confirm": False, "asked_at": moment, "changed_at": moment, "answers": {}} for who in ids
    ])  # fmt: skip
    return day.id


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=5000)
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder)}/bench.db")
        SQLModel.metadata.create_all(engine)
        with Session(engine) as session, session.begin():
            few, many = fill(session, people // 2), fill(session, people)
        with Session(engine) as session:
            for kind in ("csv", "xlsx"):
                began = time.perf_counter()
                lists.write(session, many, Selection(), kind).close()  # type: ignore[arg-type]
                took = time.perf_counter() - began
                share = _peak(session, many, kind) / _peak(session, few, kind)
                verdict = "ok" if took < GOAL and share < FLAT else "TOO MUCH"
                print(
                    f"{kind}: {people} people in {took:.2f} s, memory × {share:.2f} of half as many: {verdict}"
                )
            began = time.perf_counter()
            selecting.rows(session, many, Selection())  # type: ignore[arg-type]
            figures.figures(session, many)  # type: ignore[arg-type]
            print(f"list and figures: {1000 * (time.perf_counter() - began):.0f} ms")


def _peak(session: Session, day_id: object, kind: str) -> int:
    tracemalloc.start()
    lists.write(session, day_id, Selection(), kind).close()  # type: ignore[arg-type]
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


main()
