"""What a test of the book does where the thing that it looks at is not there."""

import os
from typing import NoReturn

import pytest


def absent(reason: str) -> NoReturn:
    """Skip the test; fail it where nothing may be missing, because the book is published (PANDA_REQUIRE_BOOK)."""
    (pytest.fail if os.environ.get("PANDA_REQUIRE_BOOK") else pytest.skip)(reason)
