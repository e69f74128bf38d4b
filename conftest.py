"""What the tests of all folders share."""

from hypothesis import HealthCheck, settings
from thorough import IS_THOROUGH

pytest_plugins = ["local_athena.fixtures"]

# Drawn examples: the same few every time, or, thorough, many others each time.
settings.register_profile(
    "quick",
    deadline=None,
    derandomize=True,
    max_examples=5,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    "thorough",
    settings.get_profile("quick"),
    derandomize=False,
    max_examples=150,
    print_blob=True,
)
settings.load_profile("thorough" if IS_THOROUGH else "quick")
