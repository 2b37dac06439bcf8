"""The process in which ``reasoning-gym`` runs: it answers the questions of ``process.py``.

A question and its answer are a line of JSON each: ``[name, arguments, seconds]`` and
``[value, error]``. A problem is named by its task, level and seed, and made again where it is not
remembered, so that nothing but texts and numbers ever crosses the line.
"""

from __future__ import annotations

import copy
import decimal
import json
import os
import random
import signal
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import reasoning_gym
from reasoning_gym.coaching.base_curriculum import DefaultCurriculumContext, RangeAttributeMode
from reasoning_gym.factory import CURRICULA, DATASETS

from reasoning_gym_envs.integrations.reasoning_gym.tasks import rung

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

MEMORY = 8 << 30
"""Bytes of addresses that this process may have: some answers are the name of a huge number."""

# Tasks that draw all their problems when a data set is made, or refuse a large one; the others
# make problem n of a data set from n alone.
_DRAWN_AT_ONCE = {"acre", "gsm_symbolic", "list_functions", "word_ladder"}
_SIZE = 2**31


def make(task: str, level: int, seed: int) -> tuple[str, str] | None:
    """The question and the reference answer; None where it gets no full score."""
    try:
        _, entry = _problem(task, level, seed)
    except (ValueError, IndexError):  # so some generators give up
        return None
    reference = _reference(entry)
    if score(task, level, seed, reference.strip()) < 1:
        return None
    return entry["question"], reference


def score(task: str, level: int, seed: int, answer: str) -> float:
    """What the package's scorer gives for an answer, from 0 to 1; white space around it is free."""
    dataset, entry = _problem(task, level, seed)
    reference = _reference(entry)
    if answer == reference.strip():
        answer = reference
    if task == "complex_arithmetic" and "nan" in answer.lower():
        return 0.0  # its scorer takes the smaller of 1 and a number that is none, which is 1
    _clean_slate(seed)
    try:
        value = float(dataset.score_answer(answer, copy.deepcopy(entry)))  # some change the entry
    except Exception:  # so some scorers say that they cannot read an answer
        return 0.0
    return min(max(value, 0.0), 1.0) if value == value else 0.0


def version() -> str:
    """The version of the package."""
    return str(reasoning_gym.__version__)


_ANSWERS: dict[str, Callable[..., Any]] = {"make": make, "score": score, "version": version}


@lru_cache(maxsize=1024)
def _problem(task: str, level: int, seed: int) -> tuple[Any, dict[str, Any]]:
    """A problem, and the data set that scores answers to it."""
    _clean_slate(seed)
    if task in _DRAWN_AT_ONCE:
        dataset = _dataset(task, level, seed, 1)
        return dataset, dataset[0]
    dataset = _shared_dataset(task, level)
    return dataset, dataset[seed]


def _clean_slate(seed: int) -> None:
    """What is global, from the seed alone: some tasks draw from it, or leave it changed."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    decimal.setcontext(decimal.Context(prec=28))


@lru_cache(maxsize=256)
def _shared_dataset(task: str, level: int) -> Any:
    return _dataset(task, level, 0, _SIZE)


def _dataset(task: str, level: int, seed: int, size: int) -> Any:
    kind, config = DATASETS[task]
    arguments = {"seed": seed, "size": size}
    if task not in CURRICULA:
        return kind(config(**arguments))
    curriculum = CURRICULA[task]()
    for name, attribute in curriculum.attributes.items():
        curriculum.set_attr_level(name, rung(task, name, level, len(attribute.levels)))
    context = DefaultCurriculumContext(mode=RangeAttributeMode.UPPER_BOUND)
    return kind(curriculum.generate_configuration(arguments, context))


def _reference(entry: dict[str, Any]) -> str:
    """The reference answer, which stands among the metadata where any of several is right."""
    if entry["answer"] is not None:
        return str(entry["answer"])
    for name in ("possible_answer", "example_answer", "example_correct_answer"):
        if name in entry["metadata"]:
            found = entry["metadata"][name]
            return found if isinstance(found, str) else json.dumps(found)
    raise ValueError("there is no reference answer")


def main() -> None:
    """Answer questions until there are no more."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)  # nothing that runs here reads a question
    os.dup2(nothing, 1)  # or prints into an answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for those who ask
    if resource is not None:
        _lower(resource.RLIMIT_AS, MEMORY)
        _lower(resource.RLIMIT_CORE, 0)
    for line in questions:
        name, arguments, seconds = json.loads(line)
        if resource is not None:
            _lower(resource.RLIMIT_CPU, int(time.process_time()) + 1 + seconds)
        value, error = None, None
        try:
            value = _ANSWERS[name](*arguments)
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
        answers.write(json.dumps([value, error]).encode() + b"\n")
        answers.flush()


def _lower(which: int, limit: int) -> None:
    """Set a limit, within the one that we were given."""
    hard = resource.getrlimit(which)[1]
    soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(which, (soft, hard))
