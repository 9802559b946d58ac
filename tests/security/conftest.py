"""One server for all raw-socket tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.security.door import Door, open_door


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("door")) as door:
        yield door
