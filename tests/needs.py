"""What a test needs of the machine: without it the test is skipped and says so, but fails in CI."""

import os

import pytest

MISSING = " is missing: apt-get install "
RUN_FOLDER = "SAMKRETS_TESTS_FOLDER"  # what all processes of a run share, named in the environment


def need(found: object, what: str, packages: str) -> None:
    """Go on only where Debian's packages are found."""
    if found:
        return
    reason = f"{what}{MISSING}{packages}"
    pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
