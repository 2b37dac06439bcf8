"""Command line: ``python -m baselines {demo,train,evaluate,…,floors,pools} --help``."""

from __future__ import annotations

import os

# Before torch: threads that wait in a busy loop slow each other down on a machine that is not idle.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from agents.common.distributed import leave
from baselines.commands import main

if __name__ == "__main__":
    leave(main())
