"""Evaluating: the episodes of a suite, played by workers, written down as they end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import NamedTuple

from reasoning_gym_envs.evaluation.play import Episode, Failure, Record, play
from reasoning_gym_envs.evaluation.players import Player, maker_of, name_of
from reasoning_gym_envs.evaluation.pool import RolloutPool
from reasoning_gym_envs.evaluation.record import Folder, line_of, read_run, write_summary
from reasoning_gym_envs.evaluation.suites import Suite, load_suite, suite_of
from reasoning_gym_envs.evaluation.summary import Summary, digest_of, summary_of

__all__ = ["EvaluationStopped", "evaluate"]

ATTEMPTS = 3
"""At an episode that could not be judged, in one call."""
FAILURES_IN_A_ROW = 50
"""Then the trouble is with what plays or judges, and not with an episode."""

Shown = Callable[[int, int, int], None]
"""Is told how many episodes are done, how many of them solved, and how many there are."""


class EvaluationStopped(RuntimeError):
    """Not all episodes could be judged; those that were are written, and the same call goes on."""


def evaluate(
    agent: str | Callable[[], Player],
    suite: str | Suite | Sequence[str],
    *,
    out: str | Path,
    samples: int = 1,
    seed: int = 0,
    system: str | None = None,
    workers: int = 1,
    backend: str = "processes",
    shown: Shown = lambda done, solved, total: None,
) -> Summary:
    """Play a suite, and write the record into a folder; go on with what is there already.

    Args:
        agent: a name that :func:`~reasoning_gym_envs.evaluation.players.player_of` knows, or what
            makes a player. With several workers it is called in each, so it must be picklable.
        suite: its name; or ids of environments, 100 problems of each at level 3; or one of
            :func:`~reasoning_gym_envs.evaluation.suites.suite_of`.
        out: the folder: see :mod:`reasoning_gym_envs.evaluation.record`.
        samples: how often each problem is played.
        seed: of what the player samples.
        system: what stands before the first observation of each episode.
        workers: how many processes play; 1: this one.
        backend: of the workers: "processes" or "ray".
        shown: is told of the progress.

    Returns:
        What came out; it stands in ``summary.json``, too.

    Raises:
        EvaluationStopped: some episodes could not be judged, after three attempts at each.
        RunConflict: the folder has another run, or another process is writing it.
        SandboxUnavailable: programs are to be judged, and there is no engine.
        ValueError: an unknown agent or suite, or one that the agent cannot play.
    """
    for name, value, least in (("samples", samples, 1), ("seed", seed, 0), ("workers", workers, 1)):
        if value < least:
            raise ValueError(f"{name} must be {least} or more, got {value}")
    make = maker_of(agent) if isinstance(agent, str) else agent
    chosen = _suite(suite)
    _check(chosen)
    player = make()
    check = getattr(player, "check", None)
    if check is not None:
        check(chosen.problems, samples)
    asked = {
        "suite": {"name": chosen.name, "version": chosen.version, "hash": chosen.hash},
        "agent": {"agent": name_of(player), **getattr(player, "about", {})},
        "samples": samples,
        "seed": seed,
        "system": system,
        "episodes": samples * len(chosen.problems),
    }
    with Folder(Path(out), asked) as folder:
        episodes = [
            Episode(number, sample, problem)
            for number, problem in enumerate(chosen.problems)
            for sample in range(samples)
        ]
        if workers == 1 and backend == "processes":
            make = partial(_itself, player)
        make_work = partial(_make_work, make, seed, system)
        digests = _play_all(folder, episodes, make_work, workers, backend, shown)
        summary = summary_of(read_run(folder.path), digests)
        write_summary(folder.path, summary.record())
    return summary


def _itself(player: Player) -> Player:
    return player


def _suite(suite: str | Suite | Sequence[str]) -> Suite:
    if isinstance(suite, Suite):
        return suite
    return load_suite(suite) if isinstance(suite, str) else suite_of(suite)


def _check(suite: Suite) -> None:
    """Raise `ValueError` for no problem, and for one that would count twice."""
    if not suite.problems:
        raise ValueError(f"{suite.title} has no problem to be played")
    known = set()
    for problem in suite.problems:
        name = (problem.id, json.dumps(dict(problem.arguments), sort_keys=True), problem.problem_id)
        if name in known:
            raise ValueError(
                f"{suite.title} has a problem of {problem.id} twice, of which nothing new is "
                "learned: play it several times with more samples"
            )
        known.add(name)


def _play_all(
    folder: Folder,
    episodes: Sequence[Episode],
    make_work: Callable[[], _Work],
    workers: int,
    backend: str,
    shown: Shown,
) -> list[Record]:
    """Play what is not written yet; what could not be judged is played again at the end.

    Returns:
        A digest of each episode, for the summary. Those that are played here need not be read
        again: the workers make them, beside the lines.
    """
    written = {(r["number"], r["sample"]): digest_of(r) for r in folder.episodes()}
    todo = [e for e in episodes if (e.number, e.sample) not in written]
    digests = list(written.values())
    solved = sum(digest["is_success"] for digest in digests)
    shown(len(digests), solved, len(episodes))
    in_a_row = 0
    for _ in range(ATTEMPTS):
        failed: list[Failure] = []
        for result in _results(todo, make_work, workers, backend):
            if isinstance(result, Failure):
                folder.add_failure(result)
                failed.append(result)
                in_a_row += 1
                if in_a_row >= FAILURES_IN_A_ROW:
                    raise EvaluationStopped(
                        f"{in_a_row} episodes in a row could not be judged, the last one because: "
                        f"{result.reason}. What was judged is written; the same command goes on"
                    )
                continue
            folder.add(result.line)
            digests.append(result.digest)
            in_a_row = 0
            solved += result.digest["is_success"]
            shown(len(digests), solved, len(episodes))
        again = {(failure.number, failure.sample) for failure in failed}
        todo = [e for e in todo if (e.number, e.sample) in again]
        if not todo:
            return digests
    raise EvaluationStopped(
        f"{len(todo)} of {len(episodes)} episodes could not be judged, after {ATTEMPTS} attempts "
        f"at each; the last one because: {failed[-1].reason}. They count neither as solved nor as "
        "failed. The same command tries them again"
    )


# In a worker.


class _Played(NamedTuple):
    """An episode that ended, as it goes to whoever writes it down: that has little left to do."""

    digest: Record
    line: bytes


_Work = Callable[[Sequence[Episode]], Iterator[tuple[int, "_Played | Failure"]]]


def _make_work(make: Callable[[], Player], seed: int, system: str | None) -> _Work:
    """What plays episodes in a worker, with a player of its own."""
    player = make()

    def work(episodes: Sequence[Episode]) -> Iterator[tuple[int, _Played | Failure]]:
        places = {(e.number, e.sample): place for place, e in enumerate(episodes)}
        for result in _results_of(player, episodes, seed, system):
            if isinstance(result, Failure):
                yield places[result.number, result.sample], result
            else:
                ended = _Played(digest_of(result), line_of(result))
                yield places[result["number"], result["sample"]], ended

    return work


def _results_of(
    player: Player, episodes: Sequence[Episode], seed: int, system: str | None
) -> Iterator[Record | Failure]:
    """The results, with as many threads as the player takes."""
    threads = int(getattr(player, "concurrency", 1))
    if threads == 1:
        yield from play(player, episodes, seed=seed, system=system)
        return
    stop = threading.Event()

    def results(episode: Episode) -> list[Record | Failure]:
        return [] if stop.is_set() else list(play(player, [episode], seed=seed, system=system))

    with ThreadPoolExecutor(threads) as pool:
        try:
            error: BaseException | None = None
            for ended in as_completed([pool.submit(results, episode) for episode in episodes]):
                raised = ended.exception()
                if raised is None:
                    yield from ended.result()
                else:  # no more episodes begin; those that have are written down
                    stop.set()
                    error = error or raised
            if error is not None:
                raise error
        finally:
            stop.set()


def _results(
    todo: Sequence[Episode],
    make_work: Callable[[], _Work],
    workers: int,
    backend: str,
) -> Iterable[_Played | Failure]:
    if workers == 1 and backend == "processes":
        return (result for _, result in make_work()(todo))
    pool: RolloutPool[Episode, _Played | Failure] = RolloutPool(
        make_work, workers=workers, backend=backend
    )
    return pool.run(todo)
