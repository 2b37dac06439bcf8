"""CPU-seconds that an import takes, each in a process of its own, in turn.

python -m baselines.speed.imports
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys

MODULES = ("gymnasium", "reasoning_gym_envs", "reasoning_gym")
ROUNDS = 9

_PROGRAM = """
import time
start = time.process_time()
import {module}
print(time.process_time() - start)
"""


def seconds(module: str) -> float:
    """Processor time of one import in a fresh process, without that of starting Python."""
    program = _PROGRAM.format(module=module)
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return float(finished.stdout.split()[-1])


def main() -> None:
    """Print medians, and what the package adds to gymnasium."""
    modules = [module for module in MODULES if importlib.util.find_spec(module)]
    for module in modules:
        seconds(module)  # writes the bytecode
    times: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(ROUNDS):
        for module in modules:
            times[module].append(seconds(module))
    medians = {module: statistics.median(spent) for module, spent in times.items()}
    print(f"CPU-seconds to import, median of {ROUNDS} processes")
    for module, median in medians.items():
        low, high = min(times[module]), max(times[module])
        print(f"{module:22}{median:8.3f}   ({low:.3f} to {high:.3f})")
    added = medians["reasoning_gym_envs"] - medians["gymnasium"]
    print(f"reasoning_gym_envs adds {added:.3f} to gymnasium (which it imports)")
    if "reasoning_gym" in medians:
        ratio = medians["reasoning_gym"] / medians["reasoning_gym_envs"]
        print(f"reasoning_gym takes {ratio:.1f}x as long")
    else:
        print("reasoning-gym is not installed (pip install reasoning-gym): not compared")


if __name__ == "__main__":
    main()
