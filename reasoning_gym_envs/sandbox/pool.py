"""Pool: boxes that are kept ready, shared by threads, within the limit that processes share."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
import time
import weakref
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from reasoning_gym_envs.sandbox.box import Box, BoxLost
from reasoning_gym_envs.sandbox.slots import Slots
from reasoning_gym_envs.sandbox.submission import (
    LONGEST_SOURCE,
    REFERENCE_SECONDS,
    STATUSES,
    Limits,
    Outcome,
    SandboxFailure,
    Submission,
    limits_by_reference,
)
from reasoning_gym_envs.sandbox.values import MalformedValue, Tree, ascii_where_odd, read_value

MOST_LOST = 2  # boxes that a submission may lose until that counts as its failure
MOST_KILLED = 2  # boxes that something outside may end until that counts as the sandbox's failure
MOST_BROKEN = 3  # times that no child can be started until that counts as the sandbox's failure
KEPT_SECONDS = 1.0  # how long a box is kept though another process waits for one
IDLE_SECONDS = 600.0  # how long a box is kept that nobody uses
POLLING_SECONDS = 0.02

_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


class Pool(ABC):
    """Boxes behind the interface of a sandbox. Safe to use from any thread, and after a fork.

    Args:
        boxes: how many at most; None for one a processor, but two to four: while one gets ready
            again, another one runs.
        recycle_after: submissions after which a box is replaced.
        slots: the limit that it shares with other pools.
    """

    def __init__(self, boxes: int | None, recycle_after: int, slots: Slots) -> None:
        self.boxes = min(4, max(2, os.cpu_count() or 1)) if boxes is None else boxes
        self.recycle_after = recycle_after
        for name in ("boxes", "recycle_after"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a whole number of 1 or more, got {value!r}")
        self._slots = slots
        self.is_closed = False
        self._changed: threading.Condition
        self._idle: list[Box]
        self._slot_of: dict[Box, int]
        self._threads: ThreadPoolExecutor | None
        self._housekeeper: threading.Thread | None
        self._opens_another: bool
        self._start_anew()
        _pools.add(self)

    # A submission, in the order in which it happens.

    def run(self, submission: Submission) -> list[Outcome]:
        """Run the tests of a submission; an outcome for each, in their order.

        Raises:
            SandboxFailure: it could not be run, for no fault of its own: nothing was judged.
        """
        self._check(submission)
        if not submission.tests:
            return []
        if _is_too_large(submission.source):
            message = f"the source has more than {LONGEST_SOURCE:,} bytes"
            return [Outcome("too_large", message=message)] * len(submission.tests)
        lost = killed = broken = 0
        while True:
            box = self._take()
            outcomes = limits = None
            try:
                limits = _limits(box, submission)
                outcomes = box.run(_request(submission, submission.source, limits))
                statuses = {outcome.get("status") for outcome in outcomes}
            except BoxLost:
                # Only where the engine is well can it have been the submission.
                is_up = self._is_up()
                if limits is None:
                    broken += 1
                    if broken == MOST_BROKEN:
                        raise SandboxFailure("the sandbox did not survive the reference") from None
                    continue
                if is_up and box.was_killed():
                    killed += 1
                else:
                    lost += is_up
                if killed == MOST_KILLED:
                    raise SandboxFailure("something outside ended the sandbox twice") from None
                if lost == MOST_LOST:
                    message = "it brought down the sandbox twice"
                    return [Outcome("crash", message=message)] * len(submission.tests)
                continue
            finally:
                keep = outcomes is not None and "broken" not in statuses
                self._give_back(box, keep)
            if "broken" in statuses:
                broken += 1
                if broken == MOST_BROKEN:
                    reason = next(o["message"] for o in outcomes if o.get("status") == "broken")
                    raise SandboxFailure(f"the sandbox cannot run anything: {reason}")
                continue
            return [_read_outcome(raw, submission.kind) for raw in outcomes]

    async def run_async(self, submission: Submission) -> list[Outcome]:
        """As :meth:`run`, for asyncio; as many at a time as there are boxes."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor(), self.run, submission)

    def close(self) -> None:
        """End all boxes; the pool cannot be used afterwards."""
        with self._changed:
            self.is_closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
            if self._threads is not None:
                self._threads.shutdown(wait=False)
        for box in idle:
            self._discard(box)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What a kind of sandbox says.

    @property
    @abstractmethod
    def image(self) -> str:
        """What the submissions run in."""

    @abstractmethod
    def _open_box(self) -> Box:
        """A box that is ready. Raises BoxLost, SandboxFailure or SandboxUnavailable."""

    @abstractmethod
    def _is_up(self) -> bool:
        """Whether boxes can be opened; waits a while until they can. Raises SandboxFailure."""

    @abstractmethod
    def _check(self, submission: Submission) -> None:
        """Raise ValueError where a submission cannot be run here."""

    # The boxes.

    def _take(self) -> Box:
        """A box that is ready: an idle one, or a new one as soon as there may be one more."""
        for _ in range(self.boxes + MOST_BROKEN):
            box = self._take_any()
            try:
                box.wait_until_ready()
                return box
            except BaseException as error:  # an interrupt, too: nobody else has the box now
                self._discard(box)
                if not isinstance(error, BoxLost):
                    raise
                reason = str(error)
        raise SandboxFailure(f"no sandbox gets ready: {reason}")

    def _take_any(self) -> Box:
        with contextlib.ExitStack() as stack:
            is_waiting = False
            while True:
                with self._changed:
                    if self.is_closed:
                        raise SandboxFailure("the sandbox is closed")
                    if self._idle:
                        return self._take_idle()
                    may_open = len(self._held) < self.boxes
                    if may_open and (slot := self._slots.take()) is not None:
                        self._held.add(slot)
                        break
                    if not may_open or is_waiting:
                        self._changed.wait(POLLING_SECONDS if may_open else None)
                        continue
                stack.enter_context(self._slots.waiting())
                is_waiting = True
        try:
            self._keep_house()
            box = self._open_until_it_works()
        except BaseException:
            self._let_go(slot)
            raise
        self._slot_of[box] = slot
        box.opened_at = time.monotonic()
        return box

    def _take_idle(self) -> Box:
        """The box used last that is ready, as it is in the caches; else the one used first."""
        ready = (box for box in reversed(self._idle) if box.has_more())
        box = next(ready, None)
        if box is None:
            self._open_another()
            box = self._idle[0]
        self._idle.remove(box)
        return box

    def _open_another(self) -> None:
        """Have one more box opened, if there may be one; this caller does not wait for it."""
        if self._opens_another or len(self._held) == self.boxes or self._slots.are_wanted():
            return
        slot = self._slots.take()
        if slot is not None:
            self._held.add(slot)
            self._opens_another = True
            name = "sandbox-opener"
            threading.Thread(target=self._open_for, args=(slot,), name=name, daemon=True).start()

    def _open_for(self, slot: int) -> None:
        try:
            box = self._open_box()
        except Exception:  # whoever needs a box is told what is wrong
            self._let_go(slot)
        else:
            self._slot_of[box] = slot
            box.opened_at = time.monotonic()
            self._give_back(box, keep=True)
        finally:
            self._opens_another = False

    def _open_until_it_works(self) -> Box:
        attempts = 0
        while attempts < MOST_BROKEN:
            try:
                return self._open_box()
            except BoxLost as error:
                reason = str(error)
                attempts += self._is_up()  # what fails while it is down says nothing
                time.sleep(0.5 * attempts)  # an engine that is about to end answers until it does
        raise SandboxFailure(f"no sandbox could be started: {reason}")

    def _give_back(self, box: Box, keep: bool) -> None:
        keep = keep and box.runs < self.recycle_after
        box.idle_since = time.monotonic()
        if keep and box.idle_since - box.opened_at > KEPT_SECONDS and self._slots.are_wanted():
            keep = False
        with self._changed:
            if keep and not self.is_closed:
                self._idle.append(box)
                self._changed.notify()
                return
        self._discard(box)

    def _discard(self, box: Box) -> None:
        try:
            box.hang_up()
            box.remove()
        finally:
            self._let_go(self._slot_of.pop(box))

    def _let_go(self, slot: int) -> None:
        with self._changed:
            self._held.remove(slot)
            os.close(slot)
            self._changed.notify()

    def _keep_house(self) -> None:
        """Have a thread give idle boxes up: soon where another process waits, or else later."""
        with self._changed:
            if self._housekeeper is not None or self.is_closed:
                return
            keeper = threading.Thread(
                target=_keep_house, args=(weakref.ref(self),), name="sandbox-keeper", daemon=True
            )
            keeper.start()
            self._housekeeper = keeper

    def _give_up_idle(self) -> None:
        with self._changed:
            if not self._idle:
                return
        now = time.monotonic()
        are_wanted = self._slots.are_wanted()
        with self._changed:
            old = [
                box
                for box in self._idle
                if now - box.idle_since > IDLE_SECONDS
                or (are_wanted and now - box.opened_at > KEPT_SECONDS)
            ]
            for box in old:
                self._idle.remove(box)
        for box in old:
            self._discard(box)

    def _executor(self) -> ThreadPoolExecutor:
        with self._changed:
            if self.is_closed:
                raise SandboxFailure("the sandbox is closed")
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self.boxes, thread_name_prefix="sandbox")
            return self._threads

    # Forks: a child has none of its parent's boxes, nor its threads and locks.

    def _start_anew(self) -> None:
        self._changed = threading.Condition()
        self._idle = []
        self._held: set[int] = set()  # slots, also those of boxes that are being opened
        self._slot_of = {}
        self._threads = None
        self._housekeeper = None
        self._opens_another = False

    def _forget(self) -> None:
        for box in self._slot_of:
            box.hang_up()
        for slot in self._held:
            os.close(slot)  # the parent holds it still
        self._start_anew()


def _forget_all() -> None:
    for pool in list(_pools):
        pool._forget()


os.register_at_fork(after_in_child=_forget_all)
atexit.register(_forget_all)  # boxes that are hung up end by themselves


def _keep_house(reference: weakref.ref[Pool]) -> None:
    while True:
        time.sleep(KEPT_SECONDS / 4)
        pool = reference()
        if pool is None or pool.is_closed:
            return
        pool._give_up_idle()
        del pool


def _is_too_large(source: str) -> bool:
    most = LONGEST_SOURCE
    return len(source) > most or len(source.encode("utf-8", "surrogatepass")) > most


def _request(submission: Submission, source: str, limits: Limits) -> dict[str, Any]:
    """What a box is told to run: nothing of the reference stands beside the source."""
    names = ("setup", "tests", "kind", "requires")
    rest = {name: getattr(submission, name) for name in names}
    return {"source": source, **rest, **vars(limits)}


def _limits(box: Box, submission: Submission) -> Limits:
    """The limits of a submission; where it has a reference, as long as that took in this box."""
    if not submission.reference:
        return submission.limits
    total = REFERENCE_SECONDS * len(submission.tests)
    patient = replace(
        submission.limits, seconds=REFERENCE_SECONDS, wall_seconds=total, total_seconds=total
    )
    raw = box.run(_request(submission, submission.reference, patient))
    if any(outcome.get("status") == "broken" for outcome in raw):
        raise BoxLost("no child was started for the reference")
    outcomes = [_read_outcome(outcome, submission.kind) for outcome in raw]
    for outcome in outcomes:
        if outcome.status != "returned":
            raise SandboxFailure(f"the reference failed: {outcome.status}: {outcome.message}")
    box.wait_until_ready()  # nothing is left of it
    return limits_by_reference(submission.limits, [outcome.seconds for outcome in outcomes])


def _read_outcome(raw: dict[str, Any], kind: str) -> Outcome:
    """An outcome from what the runner says of it; the frame in it may be the submission's own."""
    status, message, value = raw.get("status"), raw.get("message", ""), None
    if "stdout" in raw:
        status, value = "returned", raw["stdout"]
    elif "frame" in raw:
        try:
            status, message, value = _read_frame(raw["frame"], kind)
        except MalformedValue as error:
            status, message = "forbidden", f"what it reported is not a valid result: {error}"
    assert status in STATUSES
    message, printed = (ascii_where_odd(text) for text in (message, raw.get("printed", "")))
    return Outcome(status, value, message, raw["seconds"], printed)


def _read_frame(text: str, kind: str) -> tuple[str, str, Tree]:
    frame = read_value(text)
    if type(frame) is not list or len(frame) != 3 or type(frame[1]) is not str:
        raise MalformedValue("not a status, a message and a value")
    status, message, value = frame
    may_return = kind == "calls"
    if status not in STATUSES or (status == "returned" and not may_return):
        raise MalformedValue("no such status")
    return status, message[:1000], value
