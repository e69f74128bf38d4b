"""Whether tests run all that they could, as make test-all asks, or a sample of it."""

import os

IS_THOROUGH = os.environ.get("CLOUDTRAIL_THOROUGH", "") not in ("", "0")
