import pytest

from reasoning_gym_envs.cli import main
from tests.sandbox.conftest import api, private_engine  # noqa: F401  # fixtures


@pytest.fixture
def call(capsys):
    """Calls the command; returns the exit status, standard output and standard error."""

    def call(*words):
        try:
            status = main(words)
        except SystemExit as exit:  # argparse
            status = exit.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call
