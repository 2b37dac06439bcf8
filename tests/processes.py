"""Processes that tests start."""

from __future__ import annotations

from pathlib import Path


def is_running(process: int) -> bool:
    """Whether there is such a process, and it has not ended (as one that nobody waits for yet)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
