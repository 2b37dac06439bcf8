"""Several processes that train one model: which of them this is, and what they tell each other.

``torchrun`` or ``accelerate launch`` starts them, one for each GPU, and all run the same program.
Each plays some groups of episodes, and then all of them get all episodes.  So what follows
(advantages, means, what is learned from) is decided by each process for itself, from the same
numbers, and only passes of the model are divided.  In one process nothing here does anything.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import torch

__all__ = [
    "any_of",
    "block",
    "connected",
    "count",
    "divided",
    "gathered",
    "is_first",
    "joined",
    "largest",
    "leave",
    "place",
    "rank",
    "summed",
    "wait",
]

_PATIENCE = timedelta(days=1)  # what has died is noticed by the launcher; what is slow may be slow


@contextmanager
def connected() -> Iterator[None]:
    """Meanwhile this process is one of those that the launcher has started, if it has any."""
    if not _is_launched():
        yield
        return
    import torch
    from torch import distributed

    if has_gpus := torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    backend = "cpu:gloo,cuda:nccl" if has_gpus else "gloo"
    distributed.init_process_group(backend, timeout=_PATIENCE)
    yield
    distributed.destroy_process_group()  # not after an error: the others would be waited for


def leave(status: int) -> NoReturn:
    """End this process, which may be one of several, with an exit status.

    A thread of gloo may still hold tensors, also after the end of its group.  If it lets go of one
    while the interpreter is taken down, it aborts the process (pytorch/pytorch#190489).  So the
    interpreter is not taken down: what is registered to be done at the exit is done, no more.
    """
    if not _is_launched():
        sys.exit(status)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _is_launched() -> bool:
    """Whether a launcher has started this process and others."""
    return "LOCAL_RANK" in os.environ and os.environ.get("WORLD_SIZE") != "1"


def count() -> int:
    """How many processes there are."""
    module = sys.modules.get("torch.distributed")  # who has not imported it is alone
    if module is None or not (module.is_available() and module.is_initialized()):
        return 1
    return int(module.get_world_size())


def rank() -> int:
    """The number of this process, from 0."""
    return int(sys.modules["torch.distributed"].get_rank()) if count() > 1 else 0


def is_first() -> bool:
    """Whether this is the process that writes, and that speaks."""
    return rank() == 0


# Which part of the work is this process's. -------------------------------------------------------


def block(keys: Sequence[Hashable]) -> range:
    """Numbers of the items that are this process's, one after another.

    Neighbours with equal keys stay together; the processes get about as many items each.
    """
    starts = [i for i in range(len(keys)) if i == 0 or keys[i] != keys[i - 1]]
    bounds = [*starts, len(keys)]
    first, end = (bounds[len(starts) * r // count()] for r in (rank(), rank() + 1))
    return range(first, end)


def divided(keys: Sequence[Hashable], sizes: Sequence[int]) -> list[int]:
    """Numbers of the items that are this process's, in their order.

    Items with equal keys stay together; the processes get about the same sum of sizes.
    """
    if count() == 1:
        return list(range(len(keys)))
    work: dict[Hashable, int] = {}
    for key, size in zip(keys, sizes, strict=True):
        work[key] = work.get(key, 0) + size
    loads, owner = [0] * count(), {}
    for key in sorted(work, key=lambda key: -work[key]):
        owner[key] = loads.index(min(loads))
        loads[owner[key]] += work[key]
    return [i for i, key in enumerate(keys) if owner[key] == rank()]


def place(items: int) -> tuple[int, int]:
    """How many items the processes before this one have, and how many all of them have."""
    if count() == 1:
        return 0, items
    counts = gathered([items])
    return sum(counts[: rank()]), sum(counts)


# What they tell each other. Each of these has to be called by all processes at the same time. ----


def gathered(values: list[Any]) -> list[Any]:
    """The values of all processes, of the first one first.

    They travel as JSON: nothing is pickled.
    """
    if count() == 1:
        return values
    import torch

    data = torch.frombuffer(bytearray(json.dumps(values).encode()), dtype=torch.uint8)
    return [value for part in _parts(data) for value in json.loads(part.numpy().tobytes())]


def joined(values: torch.Tensor) -> torch.Tensor:
    """The values ``[any]`` of all processes, of the first one first."""
    if count() == 1:
        return values
    import torch

    return torch.cat(_parts(values.cpu()))


def summed(values: Sequence[float]) -> list[float]:
    """The sum over the processes of each value."""
    if count() == 1:
        return list(values)
    import torch

    sums = torch.tensor(values, dtype=torch.float64)
    torch.distributed.all_reduce(sums)
    return [float(value) for value in sums]


def largest(value: int) -> int:
    """The largest of what the processes have."""
    return int(max(gathered([value])))


def any_of(flag: bool) -> bool:
    """Whether it is so in some process."""
    return any(gathered([flag]))


def wait() -> None:
    """Wait until all processes have come here."""
    gathered([])


def _parts(values: torch.Tensor) -> list[torch.Tensor]:
    """What each process has, ``[any]`` on the CPU."""
    import torch

    sizes = [torch.zeros(1, dtype=torch.int64) for _ in range(count())]
    torch.distributed.all_gather(sizes, torch.tensor([len(values)]))
    longest = int(max(sizes))
    padded = torch.cat([values, values.new_zeros(longest - len(values))])
    parts = [torch.empty_like(padded) for _ in sizes]
    torch.distributed.all_gather(parts, padded)
    return [part[: int(size)] for part, size in zip(parts, sizes, strict=True)]
