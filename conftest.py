"""What the tests of all folders share."""

pytest_plugins = ["local_athena.fixtures"]
