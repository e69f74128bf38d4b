"""What the tests of all folders share."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["local_athena.fixtures"]

# Drawn examples: the same few every time, or, thorough, many others each time.
settings.register_profile(
    "quick",
    deadline=None,
    derandomize=True,
    max_examples=8,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    "thorough",
    settings.get_profile("quick"),
    derandomize=False,
    max_examples=150,
    print_blob=True,
)
# make test-all sets it; the tests of faults and of odd records look at it too.
IS_THOROUGH = os.environ.get("CLOUDTRAIL_THOROUGH", "") not in ("", "0")
settings.load_profile("thorough" if IS_THOROUGH else "quick")
