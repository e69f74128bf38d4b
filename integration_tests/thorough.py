"""Whether tests run all that they could, as make test-all asks, or a sample of it."""

import os

import pytest

IS_THOROUGH = os.environ.get("CLOUDTRAIL_THOROUGH", "") not in ("", "0")
# For what takes minutes, and has a like among the tests that always run.
only_thorough = pytest.mark.skipif(not IS_THOROUGH, reason="make test-all")
