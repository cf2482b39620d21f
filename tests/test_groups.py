"""Tests that share a costly plan run in one process."""

import pytest


@pytest.mark.xdist_group("one")
def test_a_group_of_tests_is_kept_together(request: pytest.FixtureRequest):
    in_groups = getattr(request.config.option, "loadgroup", False)  # of a worker of pytest-xdist
    assert request.node.nodeid.endswith("@one") == in_groups
