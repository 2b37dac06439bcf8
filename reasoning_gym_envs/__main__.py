"""The command line: ``python -m reasoning_gym_envs --help``."""

import sys

from reasoning_gym_envs.cli import main

if __name__ == "__main__":
    sys.exit(main())
