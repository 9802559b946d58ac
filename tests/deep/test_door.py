"""Against a server that runs: what takes too long for every day."""

from pathlib import Path

import pytest

from tests.security.door import endless, forwarded_tries, open_door

pytestmark = pytest.mark.deep


def test_a_body_of_300_mb_leaves_nothing(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        door.status(b"GET /huisregels HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        disk, memory = door.bytes_on_disk(), door.memory()
        for path in ("/taal", "/aanmelden", "/afmelden", "/nergens"):
            for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=grens"):
                door.status(*endless(path, kind, megabytes=300))
        assert door.bytes_on_disk() - disk < 100_000
        assert door.memory() - memory < 30_000_000
        assert door.status(b"GET /huisregels HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n") == 200


def test_a_forwarded_address_is_believed_from_a_proxy_that_we_named(tmp_path: Path) -> None:
    with open_door(tmp_path, LN_TRUSTED_PROXIES="127.0.0.1") as door:
        assert set(forwarded_tries(door)) == {422}
