"""The runner: the first process in a container, which forks a child for each submission.

Its text is given to the container's Python as an argument; nothing of the package is installed
there, so it imports the standard library alone. It reads requests from its standard input and
writes replies to its standard output: JSON after its length in four bytes. It ends when its
standard input does, and with it, as the first process, everything in the container.

The runner is root with the capabilities to become another user and to kill, and no others. For
each submission it forks a child, before the request is there, and ends it after the reply: nobody
waits for either. A child has a copy of the runner's memory. So what submissions are asked and what
they say never becomes an object of Python's there, of which traces would stay for the next ones: it
lies in memory of its own, which is given back to the kernel, see :class:`Buffer`. The names of the
files that they leave are read by another child, for the same reason.

A submission runs as a user without capabilities, in a child whose only ways out are three pipes:
what its tests gave, what it prints, and what it complains. The runner does not read what comes
through them, beyond lengths; the host does. It measures times and ends what takes too long. When a
submission is over, it ends every other process and removes every file, and only then says that
it is ready: the next one finds nothing. Where something is left all the same, the container ends.

To end every process it asks for just that, which anywhere but in a container would be every
process of the machine: so it refuses to run there. With the argument "unsafe" it does without
users, and ends what it has started alone, for :class:`ProcessSandbox`, which isolates nothing.
"""

from __future__ import annotations

import _sitebuiltins
import _thread
import atexit
import builtins
import contextlib
import ctypes
import errno
import gc
import io
import json
import linecache
import mmap
import os
import re
import resource
import select
import signal
import struct
import sys
import time
import types
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

FIRST_USER = 0x70000000  # from here on, 2**28 ids that nothing gives to anybody
FIRST_MAPPED = 1000  # where an engine maps ids: they are nobody else's then
LONGEST_REQUEST = 256 * 1024 * 1024
LONGEST_MESSAGE = 300  # characters
LONGEST_PRINTED = 2000  # characters kept of what is printed beside the results
DEEPEST_VALUE = 45  # lists in lists
PIPE = 1 << 16  # bytes that a pipe holds
MOST_PARTS = 1024  # of a write, see IOV_MAX in sysconf(3)
GATHERED = 0.002  # seconds in which results are not looked at: to be woken for each takes longer
LOADED = len('"loaded"')  # no other frame is as short
RESULTS = 3  # the file descriptor of a submission's results
MOST_FILES = 256  # open ones
MOST_REAPED = 100  # of processes that have ended, before times are looked at again
STACKS = 1 << 30  # bytes of address space for the stacks of threads, which use little of it
FOLDERS = ("/tmp", "/dev/shm")  # that submissions may write to
FILE = "submission.py"
PACKAGES = "/usr/local/lib/packages"  # where an image has them, if it has any
STARTING = 15.0  # seconds of the processor in which a child has to have imported them
STARTING_ALL = 120.0  # elapsed seconds that all children of a submission have for that, together
MOST_IMPORTS = 100

# What solutions import most: loaded once here, and thereby in every child. More would take longer
# to fork than it takes the few that need it to load it.
PRELOADED = """
ast bisect collections collections.abc copy dataclasses enum functools heapq itertools math operator
re string typing
"""

# Statements that import: what from which module, or modules.
IMPORTS = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^()]{1,1000}\)|[^\n;#(]{1,1000})"
    r"|import[ \t]+([^\n;#]{1,1000}))",
    re.MULTILINE,
)

# How often the kernel ended a process for its memory, and refused to start one: where that stands
# in the first and in the second version of control groups, of which the latter has one folder.
EVENT_FILES = (
    "/sys/fs/cgroup/memory/memory.oom_control",
    "/sys/fs/cgroup/pids/pids.events",
    "/sys/fs/cgroup{group}/memory.events",
    "/sys/fs/cgroup{group}/pids.events",
)

# The processor time of all processes of the container, in the first and in the second version of
# control groups: in which line it is, and how many there are in a second.
USAGE_FILES = (
    ("/sys/fs/cgroup/cpuacct/cpuacct.usage", "", 1e9),
    ("/sys/fs/cgroup{group}/cpu.stat", "usage_usec ", 1e6),
)
MOST_AT_START = 10.0  # seconds: whoever has used more is the whole machine
TICKS = os.sysconf("SC_CLK_TCK")  # of processor time, in a second

# Of machines: their number in audit(7), and those of the system calls socket, clone and unshare.
MACHINES = {"x86_64": (0xC000003E, 41, 56, 272), "aarch64": (0xC00000B7, 198, 220, 97)}
IO_URING_SETUP, CLONE3 = 425, 435  # on every machine
CLONE_NEWUSER = 0x10000000
AF_UNIX = 1

is_isolated = True
packages: set[str] = set()  # what is in the folder of packages: the names of modules
user = 0  # the id of submissions, here and in no other container of the machine
event_files: dict[str, int] = {}  # those that there are, kept open: they are read for each child
usage_file: tuple[int, str, float] | None = None  # the one that there is, kept open, too
newest_child = ""  # the id of the process that this one has started last

Request = dict[str, Any]  # the limits, the kind and the number of tests; the body has the rest
Outcome = dict[str, Any]


# Frames: JSON after its length.


def read_exactly(fd: int, size: int) -> bytes:
    """So many bytes; fewer only where the stream ends."""
    pieces = []
    while size:
        piece = os.read(fd, min(size, 1 << 20))
        if not piece:
            break
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def read_frame(fd: int) -> bytes:
    """What is in a frame; empty at the end of the stream."""
    size = int.from_bytes(read_exactly(fd, 4), "big")
    if size > LONGEST_REQUEST:
        raise ValueError("a request that is too long")
    return read_exactly(fd, size)


def write_frame(fd: int, data: str, *parts: memoryview) -> None:
    """Write JSON as a frame, and what follows on it."""
    text = data.encode("ascii")
    write_all(fd, len(text).to_bytes(4, "big") + text, *parts)


def write_all(fd: int, *parts: bytes | memoryview) -> None:
    """Write all of it, however much is taken at a time.

    Together, where they fit: each write costs the engine as much as it costs here.
    """
    rest = [memoryview(part) for part in parts]
    while rest:
        count = os.writev(fd, rest[:MOST_PARTS])
        while rest and count >= len(rest[0]):
            count -= len(rest.pop(0))
        if rest:
            rest[0] = rest[0][count:]


# The runner.


def serve() -> None:
    """Answer requests until there are no more."""
    global user
    if is_isolated and os.getpid() != 1:
        sys.exit("the runner only runs as the first process of a container")
    sys.path = [path for path in sys.path if path]  # not what lies in the working directory
    if is_isolated and os.path.isdir(PACKAGES):
        sys.path.append(PACKAGES)  # last: none of them takes the place of a module of Python's
        packages.update(name.partition(".")[0] for name in os.listdir(PACKAGES))
    if is_isolated:
        user = user_of_container()
        open_files_of_group()
    else:
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans come here, see PR_SET_CHILD_SUBREAPER
    load_modules()
    warm_up()
    complete_builtins()
    if is_isolated:
        filter_system_calls()
        os.environ.clear()
        os.environ.update(HOME="/tmp", LANG="C.UTF-8", PATH="/usr/local/bin:/usr/bin:/bin")
        os.environ["LOGNAME"] = "submission"  # the id has no name
        if packages:  # of theirs, some would start a thread a processor of the machine
            os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        os.chdir("/tmp")
    write_frame(1, json.dumps({"python": sys.version.split()[0], **privileges()}))
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    gc.collect()
    gc.disable()  # a collection would touch, and so copy, the memory shared with the children
    gc.freeze()
    untouched = look_of_folders()
    while True:
        child = Child()
        write_frame(1, '"ready"')
        header = read_frame(0)
        if not header:
            return
        answer(json.loads(header), child, woken)
        if look_of_folders() != untouched:
            if not remove_files():
                return
            untouched = look_of_folders()


def load_modules() -> None:
    """Load what submissions import."""
    for name in PRELOADED.split():
        __import__(name)
    # This one asks to be seeded anew in every child. Here all draw the same numbers.
    register, os.register_at_fork = os.register_at_fork, lambda **hooks: None
    import random

    os.register_at_fork = register
    random.seed(0)


def warm_up() -> None:
    """Do what a submission does: what Python sets up at its first use, it has in every child."""
    module = new_module("submission")
    load("def f(x):\n    return {x: [x, 'a', None]}\n", module)
    json.loads(evaluate("f(1.5)", vars(module), PIPE))
    json.loads(evaluate("f()", vars(module), PIPE))
    with open("/dev/null", "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write("a")


def complete_builtins() -> None:
    """Add what programs find where Python starts as usual."""
    vars(builtins).update(
        exit=_sitebuiltins.Quitter("exit", "Ctrl-D"),
        quit=_sitebuiltins.Quitter("quit", "Ctrl-D"),
        help=_sitebuiltins._Helper(),
    )
    for name in ("start_new_thread", "start_new", "start_joinable_thread"):
        if hasattr(_thread, name):
            setattr(_thread, name, with_stacks(getattr(_thread, name)))


def with_stacks(start: Callable[..., Any]) -> Callable[..., Any]:
    """A way to start a thread that makes room for the stacks first.

    The kernel counts them as if all of them were used. So with threads it is the memory of the
    container alone that is the limit.
    """

    def begin(*arguments: Any, **more: Any) -> Any:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        return start(*arguments, **more)

    return begin


def answer(request: Request, child: Child, woken: int) -> None:
    """Run a submission, whose body follows on standard input, and write the reply.

    The reply is a frame, and after it the pieces of which it tells the lengths.
    """
    id = request.pop("id")  # it would tell a submission what a reply begins with
    body = Buffer(request["body"])
    while body.length < request["body"] and body.read(0):
        pass
    children = [child]
    outcomes = run(request, body, children, woken)
    pieces = [piece for child in children for piece in child.pieces()]
    sizes = [end - start for _, start, end in pieces]
    reply = json.dumps({"id": id, "outcomes": outcomes, "pieces": sizes})
    write_frame(1, reply, *(buffer.part(start, end) for buffer, start, end in pieces))
    end_others()
    body.close()
    for child in children:
        child.close()


def filter_system_calls() -> None:
    """Forbid, for good, what the engine lets through.

    Sockets of virtual machines lead out of a container without a network, to the hypervisor, and
    io_uring has been a way into the kernel. Those of the internet lead nowhere, but their ports and
    counters would tell one submission of another. Sockets between its own processes are allowed.
    In a user namespace of its own, which Podman allows, a submission would have all capabilities.
    Calls by the numbers of another machine could be all of them.
    """
    if os.uname().machine not in MACHINES:
        return
    machine, socket, clone, unshare = MACHINES[os.uname().machine]
    # See bpf(4) and seccomp(2).
    load, equal, at_least, has, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, refuse, unknown = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
    steps = [
        (load, 0, 0, 4),
        (equal, 0, 11, machine),
        (load, 0, 0, 0),
        (at_least, 9, 0, 1 << 30),  # the other numbers of x86
        (equal, 8, 0, IO_URING_SETUP),
        (equal, 7, 0, unshare),
        (equal, 8, 0, CLONE3),  # its flags lie in memory, where no filter looks: use clone instead
        (equal, 3, 0, clone),
        (equal, 0, 5, socket),
        (load, 0, 0, 16),
        (equal, 3, 2, AF_UNIX),
        (load, 0, 0, 16),
        (has, 0, 1, CLONE_NEWUSER),
        (give, 0, 0, refuse),
        (give, 0, 0, allow),
        (give, 0, 0, unknown),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HP", len(steps), ctypes.addressof(code))
    # It takes a kernel that can filter, and no new privileges: the host checks that of all runners.
    ctypes.CDLL(None).prctl(22, 2, program, 0, 0)


def privileges() -> dict[str, str]:
    """What the kernel says of this process: the host checks that it is no more than was asked."""
    said = {}
    with contextlib.suppress(OSError), open("/proc/self/status") as status:
        for line in status:
            name, _, value = line.partition(":")
            if name in ("CapPrm", "CapBnd", "NoNewPrivs", "Seccomp"):
                said[name] = value.strip()
    return said


def run(request: Request, body: Buffer, children: list[Child], woken: int) -> list[Outcome]:
    """Run all tests, in as many children as are needed; those after the first are added."""
    end = time.monotonic() + request["total_seconds"]
    latest = end + STARTING_ALL
    room = request["total_output"] + request["output"]
    outcomes: list[Outcome] = []
    pieces = 0
    while True:
        child = children[-1]
        child.begin(request, body, len(outcomes), end, room)
        ran, is_loaded = child.watch(woken, pieces)
        end, latest = min(child.end, latest) + child.delayed, latest + child.delayed
        room = child.room
        pieces += len(child.pieces())
        outcomes += ran
        over = None
        if not is_loaded:  # so no other test can be run either
            over = ran[-1]
        elif time.monotonic() >= end:
            over = failed("timeout", "the time for all tests together ran out")
        elif room <= 0:
            over = failed("output", "it returned too much in total")
        if over is not None:
            outcomes += [over] * (request["tests"] - len(outcomes))
        if len(outcomes) >= request["tests"]:
            return outcomes
        end_others()
        children.append(Child())


def failed(status: str, message: str, seconds: float = 0.0) -> Outcome:
    """The outcome of a test that the runner, not the child, tells of."""
    return {"status": status, "message": message, "seconds": seconds}


def kill_others() -> None:
    """Kill every process but this one; without isolation, those that it has started."""
    if is_isolated and os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(-1, signal.SIGKILL)
        return
    for pid in descendants():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def end_others() -> None:
    """End every process but this one, and wait until they are gone."""
    kill_others()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
            if not is_isolated:
                kill_others()  # what they have started since


def descendants() -> dict[int, list[bytes]]:
    """All processes that this one, and those, have started: what proc(5) says in their ``stat``."""
    with open("/proc/loadavg") as file:
        newest = file.read().split()[-1]
    stats = {}
    # To look at all takes longer than most submissions do, which start none.
    for name in [newest] if newest == newest_child else os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb", 0) as file:
                # The name of the program, in parentheses, may hold anything.
                stats[int(name)] = file.read(4096).rpartition(b")")[2].split()
    known = new = {os.getpid()}
    while new:
        new = {pid for pid, stat in stats.items() if int(stat[1]) in known} - known
        known |= new
    return {pid: stat for pid, stat in stats.items() if pid in known and pid != os.getpid()}


def folders() -> list[str]:
    """Where submissions may make files."""
    return [folder for folder in FOLDERS if os.path.isdir(folder)] if is_isolated else [os.getcwd()]


def look_of_folders() -> list[tuple[int, int]]:
    """What is another when something was made where submissions may; in a tmpfs the size tells."""
    return [(state.st_size, state.st_mtime_ns) for state in map(os.stat, folders())]


def remove_files() -> bool:
    """Remove what a submission left, in a child; False if something is left all the same."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            if is_isolated:  # root without capabilities may not remove files of the other user
                become_user()
            for folder in folders():
                empty_folder(folder)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1] == 0


def empty_folder(folder: str) -> None:
    """Remove what is in a folder, however deep."""
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
                continue
            # Folders may be too deep for recursion, and for paths: what is in them moves up.
            os.chmod(entry.path, 0o700)
            for name in os.listdir(entry.path):
                inner = f"{entry.path}/{name}"
                if os.path.isdir(inner) and not os.path.islink(inner):
                    os.chmod(inner, 0o700)  # a folder is written to when it moves
                os.rename(inner, f"{folder}/{os.urandom(16).hex()}")
            os.rmdir(entry.path)


def user_of_container() -> int:
    """An id for submissions that those of no other container of the machine have.

    What the kernel counts for each user, such as signals on their way and pages of pipes, one
    container could otherwise use up for all. The kernel numbers the spaces of process ids from
    0xF0000000 on, and no two that exist are the same: whoever has started the others, by whichever
    engine.
    """
    number = 0
    with contextlib.suppress(OSError):  # another kernel, which is this container's alone
        number = os.stat("/proc/self/ns/pid").st_ino % (1 << 28)
    with open("/proc/self/uid_map") as file:
        return user_of(number, file.read())


def user_of(number: int, mapped: str) -> int:
    """The id for a number, of those that a user namespace has, which may be but 65,536."""
    ranges = [tuple(map(int, line.split())) for line in mapped.splitlines()]
    most = max(first + count for first, _, count in ranges)
    user = FIRST_USER + number
    return user if user < most else FIRST_MAPPED + number % (most - FIRST_MAPPED)


def open_files_of_group() -> None:
    """Find out where the kernel tells of the control group of this container."""
    global usage_file
    with open("/proc/self/cgroup") as file:
        groups = [line.strip().partition("::")[2] for line in file if line.startswith("0::")]
    group = "".join(groups).rstrip("/")  # in a namespace of its own the container is the root
    for path in (path.format(group=group) for path in EVENT_FILES):
        if os.path.exists(path):
            event_files[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    for path, name, unit in USAGE_FILES:
        with contextlib.suppress(OSError):
            fd = os.open(path.format(group=group), os.O_RDONLY | os.O_CLOEXEC)
            usage_file = fd, name, unit
            if time_of_others() < MOST_AT_START:
                return
            os.close(fd)
            usage_file = None


def own_time() -> float:
    """The processor time that this process has used."""
    return time.process_time()


def time_of_others() -> float:
    """The processor time of all that ran beside this process: what has ended, orphans, threads.

    The clock of the container has it all. Where there is none, it is what ended processes were
    waited for, here or by their parents, and what those that run have used. That is up to two
    ticks less for each of them, and lacks what nobody waits for where a parent ignores its end.
    """
    if usage_file is not None:
        fd, name, unit = usage_file
        for line in os.pread(fd, 4096, 0).decode().splitlines():
            if line.startswith(name):
                return float(line[len(name) :]) / unit - own_time()
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = sum(int(ticks) for stat in descendants().values() for ticks in stat[11:15])
    return ended.ru_utime + ended.ru_stime + running / TICKS


class Buffer:
    """Bytes in memory of their own: children do not have it, and closed it is gone.

    Args:
        size: how many bytes there is room for.
    """

    def __init__(self, size: int) -> None:
        self.memory = mmap.mmap(-1, max(1, size), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.memory.madvise(mmap.MADV_DONTFORK)
        self.size = size
        self.length = 0

    def read(self, fd: int, at: int | None = None) -> int:
        """Read what there is, to the end or from a place on; returns how much it was."""
        start = self.length if at is None else at
        with memoryview(self.memory) as view, view[start : self.size] as room:
            count = os.readv(fd, [room])
        self.length = max(self.length, start + count)
        return count

    def part(self, start: int, end: int) -> memoryview:
        """A part of it, to be written; while there is one, it cannot be closed."""
        return memoryview(self.memory)[start:end]

    def close(self) -> None:
        """Give the memory back."""
        self.memory.close()


class Child:
    """A child that runs the tests of a submission from one on, watched from outside."""

    def __init__(self) -> None:
        self.events_before = events()
        # Orders, which the child reads; results, standard output, standard error.
        (orders, self.orders), *pipes = (os.pipe() for _ in range(4))
        global newest_child
        self.pid = os.fork()
        newest_child = str(self.pid)
        if self.pid == 0:
            try:
                become_submission(orders, [write for _, write in pipes])
            finally:
                os._exit(1)
        os.close(orders)
        for (_, write), mode in zip(pipes, (0o600, 0o602, 0o602), strict=True):
            os.fchmod(write, mode)  # programs may open /dev/stdout
            os.close(write)
        self.results, self.stdout, self.stderr = (read for read, _ in pipes)
        for fd in (self.results, self.stdout, self.stderr):
            os.set_blocking(fd, False)
        self.printed = 0  # bytes, on both streams
        self.frames: list[tuple[int, int]] = []  # where each begins and ends in the results
        self.took: list[float] = []  # the processor time of each
        self.used = 0.0  # processor time until the last frame
        self.used_before = 0.0  # by others of the container, until it began
        self.delayed = 0.0  # seconds in which it could have run, and others did
        self.verdict: tuple[str, str] | None = None  # status and message of what it was ended for
        self.buffers: dict[int, Buffer] = {}

    def begin(self, request: Request, body: Buffer, first: int, end: float, room: int) -> None:
        """Have it run a request from a test on, until a time."""
        self.request = request
        self.used_before = time_of_others()
        self.began = time.monotonic()
        self.room = room  # bytes that may still be reported
        self.is_program = request["kind"] == "programs"
        self.tests = 1 if self.is_program else request["tests"] - first
        self.end = end
        # What is beyond the bytes kept is read to the end of the buffer, again and again.
        self.kept = request["output"] if self.is_program else 4 * LONGEST_PRINTED
        self.buffers = {
            self.results: Buffer(room + 4 * (self.tests + 3)),
            self.stdout: Buffer(self.kept + PIPE),
            self.stderr: Buffer(4 * LONGEST_PRINTED + PIPE),
        }
        with contextlib.suppress(BrokenPipeError):  # that it has ended will be found out
            orders = json.dumps({**request, "first": first})
            write_frame(self.orders, orders, body.part(0, body.length))
        os.close(self.orders)
        self.frame_began = time.monotonic()

    def close(self) -> None:
        """Give the memory back in which lies what it said."""
        for buffer in self.buffers.values():
            buffer.close()

    def watch(self, woken: int, pieces: int) -> tuple[list[Outcome], bool]:
        """Wait until it is over.

        Args:
            woken: has something to read when a child has ended.
            pieces: how many pieces of the reply are there already.

        Returns:
            Outcomes, which name its pieces by their numbers, and whether there was something to
            test.
        """
        poll = select.poll()
        poll.register(0, 0)  # tells when the host is gone
        poll.register(woken, select.POLLIN)
        poll.register(self.results, 0)  # tells when the last of them is there
        with contextlib.suppress(BlockingIOError):
            os.read(woken, 4096)  # of the child before
        poll.poll(GATHERED * 1000)
        for fd in self.buffers:
            poll.register(fd, select.POLLIN)
        status = None
        while status is None:
            for fd, event in poll.poll(max(0.0, self.patience()) * 1000):
                if fd == 0:
                    kill_others()
                    os._exit(0)
                if fd == woken:
                    os.read(woken, 4096)
                elif not self.take(fd) and event & ~select.POLLIN:
                    poll.unregister(fd)
            self.check_time()
            if self.verdict is None and self.has_reported_all():
                for fd in self.buffers:
                    self.take(fd)  # what it printed before: a pipe holds as much as this takes
                status = 0  # how it ends is of no interest
                break
            if self.verdict is not None:
                kill_others()  # all: some could keep it from the processor, and from ending
            status = self.reap()
        else:
            end_others()  # or they could go on writing
            for fd in self.buffers:
                while self.take(fd):
                    pass
        for fd in self.buffers:
            os.close(fd)
        return self.outcomes(status, pieces)

    def reap(self) -> int | None:
        """How it has ended, or None. Orphans, which come to this process, would count for ever."""
        ended, status = os.waitpid(self.pid, os.WNOHANG if self.verdict is None else 0)
        for _ in range(MOST_REAPED):
            if ended == self.pid:
                break
            ended, status = os.waitpid(-1, os.WNOHANG)
            if not ended:
                break
        return status if ended == self.pid else None

    def has_reported_all(self) -> bool:
        """Whether each test has been told of; a program's end is part of what it does."""
        return not self.is_program and len(self.frames) == self.tests + 2

    def take(self, fd: int) -> bool:
        """Read what there is; False if there was nothing."""
        buffer = self.buffers[fd]
        try:
            if fd == self.results:
                if buffer.length == buffer.size:
                    self.refuse("output", "it returned too much in total")
                    return False
                count = buffer.read(fd)
                self.take_frames(buffer)
                return bool(count)
            count = buffer.read(fd, min(buffer.length, buffer.size - PIPE))
        except BlockingIOError:
            return False
        self.printed += count
        if self.has_printed_too_much():
            self.take(self.results)  # which tells of the tests before
        if self.has_printed_too_much():
            self.refuse("output", f"it printed more than {self.request['output']} bytes")
        return bool(count)

    def has_printed_too_much(self) -> bool:
        """Whether it printed more than its tests until now may, all together."""
        most: int = self.request["output"] * max(1, len(self.frames))
        return self.printed > most

    def take_frames(self, buffer: Buffer) -> None:
        """Find the frames that have come whole."""
        known = len(self.frames)
        while True:
            start = self.frames[-1][1] + 4 if self.frames else 4
            if buffer.length < start:
                break
            size = int.from_bytes(buffer.memory[start - 4 : start], "big")
            # One frame when it has started, one when the source is loaded, one for each test.
            if size > self.request["output"] + LONGEST_PRINTED or len(self.frames) > self.tests + 1:
                self.refuse("forbidden", "it wrote to the file descriptor that reports results")
                break
            if buffer.length < start + size:
                break
            self.room -= size
            if self.room <= 0:
                self.refuse("output", "it returned too much in total")
                break
            self.frames.append((start, start + size))
        new = len(self.frames) - known
        if new and not known:  # it began before the text of the submission
            start, size = self.frames[0]
            self.used = float(buffer.memory[start:size])
            self.end += time.monotonic() - self.began
        if new:  # of several at once, it is the last that took the time
            used = max(self.used, self.processor_time())
            if used - self.used > new * self.request["seconds"]:
                self.frames.pop()  # it came before its time was found to be over
                self.refuse_for_time()
                return
            self.took += [0.0] * (new - 1) + [used - self.used]
            self.used = used
            self.frame_began = time.monotonic()

    def refuse(self, status: str, message: str) -> None:
        """Have it ended, for the first reason that comes up."""
        if self.verdict is None:
            self.verdict = (status, message)

    def refuse_for_time(self) -> None:
        """Have it ended for the processor time of a test."""
        self.refuse("timeout", f"more than {self.request['seconds']:g} s of processor time")

    def processor_time(self) -> float:
        """The processor time that the child and all that it started have used, in seconds."""
        try:
            own = float(time.clock_gettime(~self.pid << 3 | 2))  # see clock_getcpuclockid(3)
        except OSError:  # it is over, or the kernel has no such clocks
            own = self.used
        # What the kernel says of all is a few milliseconds old, and does not count what the child
        # used before it began: of one process alone its own clock tells more.
        return max(own, time_of_others() - self.used_before)

    def delay(self) -> float:
        """Seconds that the child has waited for a processor, on a machine that is busy.

        What it had to wait for itself, because others that it started kept the processor busy, is
        none of them: all together have waited for no longer than they have not run. And it is never
        so long that the host would take this runner for lost.
        """
        try:
            with open(f"/proc/{self.pid}/schedstat") as file:
                delayed = float(file.read().split()[1]) / 1e9
        except (OSError, IndexError):  # the kernel does not count them
            return self.delayed
        most: float = 3 * self.request["total_seconds"]
        idle = time.monotonic() - self.began - self.processor_time()
        return max(0.0, min(delayed, idle, most))

    def patience(self) -> float:
        """Seconds in which no limit can be passed, however many processors it keeps busy."""
        now = time.monotonic()
        if not self.frames:
            return min(self.began + STARTING_ALL - now, STARTING - self.processor_time()) + 0.001
        left = self.used + float(self.request["seconds"]) - self.processor_time()
        return min(
            self.end + self.delayed - now,
            self.frame_began + float(self.request["wall_seconds"]) + self.delayed - now,
            left / len(os.sched_getaffinity(0)) + 0.001,
        )

    def check_time(self) -> None:
        """Refuse it if it has used up its time."""
        if not self.frames:
            now = time.monotonic()
            if self.processor_time() > STARTING or now > self.began + STARTING_ALL:
                self.refuse("timeout", "its packages took too long to import")
            return
        if self.processor_time() - self.used > self.request["seconds"]:
            self.refuse_for_time()
            return
        now = time.monotonic()
        end_of_test = self.frame_began + self.request["wall_seconds"]
        if now > min(end_of_test, self.end) + self.delayed:
            self.delayed = self.delay()
        if now > end_of_test + self.delayed:
            self.refuse("timeout", f"more than {self.request['wall_seconds']:g} s of elapsed time")
        elif now > self.end + self.delayed:
            self.refuse("timeout", "the time for all tests together ran out")

    def pieces(self) -> list[tuple[Buffer, int, int]]:
        """What it said: standard output, standard error, each frame of its results."""
        if not self.frames:
            return []
        results, stdout, stderr = (
            self.buffers[fd] for fd in (self.results, self.stdout, self.stderr)
        )
        printed = [
            (stdout, 0, min(stdout.length, self.kept)),
            (stderr, 0, min(stderr.length, 4 * LONGEST_PRINTED)),
        ]
        return printed + [(results, start, end) for start, end in self.frames]

    def outcomes(self, status: int, pieces: int) -> tuple[list[Outcome], bool]:
        """The outcomes of its tests, as far as it came, the one it ended in included."""
        if not self.frames:
            reason = self.verdict or (self.reason(status) if os.WIFSIGNALED(status) else None)
            if packages and reason is not None:  # they do not fit, and others need not import them
                return [failed(*reason)], False
            return [failed("broken", f"no child was started: wait status {status}")], False
        stdout, stderr, started = range(pieces, pieces + 3)
        # A program reports only what went wrong; calls first that they were loaded, or what went
        # wrong with that, which takes as many bytes more or less.
        loaded = self.frames[1:2]
        is_loaded = self.is_program or [end - start for start, end in loaded] == [LOADED]
        skipped = 1 if self.is_program or not is_loaded else 2
        outcomes: list[Outcome] = [
            {"frame": started + n, "seconds": self.took[n]}
            for n in range(skipped, min(len(self.frames), skipped + self.tests))
        ]
        if not outcomes or (is_loaded and len(outcomes) < self.tests):
            seconds = max(0.0, self.processor_time() - self.used)
            reason = self.verdict or self.reason(status)
            if self.is_program:
                self.room -= self.buffers[self.stdout].length
            if self.is_program and reason is None:
                outcomes.append({"stdout": stdout, "seconds": seconds})
            else:
                outcomes.append(failed(*(reason or ("crash", "it exited")), seconds))
        elif self.verdict is not None:
            outcomes[-1] = failed(*self.verdict, outcomes[-1]["seconds"])
        printed = [stderr] if self.is_program else [stdout, stderr]
        return [{**outcome, "printed": printed} for outcome in outcomes], is_loaded

    def reason(self, status: int) -> tuple[str, str] | None:
        """Why it ended before its time; None for an exit with status 0."""
        new = {name: count - self.events_before[name] for name, count in events().items()}
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            if number == signal.SIGKILL and new["oom_kill"]:
                return "memory", "it used more memory than allowed"
            if number == signal.SIGXCPU:
                return "timeout", "it used more processor time than allowed"
            if number == signal.SIGXFSZ:
                return "disk", "it wrote too large a file"
            names = {known.value: known.name for known in signal.Signals}  # not all have one
            return "crash", f"it was killed by {names.get(number, f'signal {number}')}"
        if new["max"]:
            return "processes", "it started more processes than allowed"
        code = os.WEXITSTATUS(status)
        return ("crash", f"it exited with status {code}") if code else None


def events() -> dict[str, int]:
    """How often a process was ended for its memory, and how often none could be started."""
    counts = {"oom_kill": 0, "max": 0}
    for path, fd in event_files.items():
        for line in os.pread(fd, 4096, 0).decode().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill" or (name == "max" and "pids" in path):
                counts[name] = int(count)
    return counts


# The child: from where the source is run on, everything here may have been changed by it.


def become_submission(orders: int, writes: Sequence[int]) -> NoReturn:
    """Give up every privilege, wait for orders, run the tests, and report."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # First out of the way of the numbers that they are to have.
    spare = range(MOST_FILES - 4, MOST_FILES)
    for number, fd in zip(spare, (*writes, orders), strict=True):
        os.dup2(fd, number)
    results, stdout, stderr, orders = spare
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.dup2(results, RESULTS, inheritable=False)
    os.closerange(RESULTS + 1, orders)
    fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    os.write(fd, b"1000")  # if memory runs out, this process, and not the runner
    os.close(fd)
    if is_isolated:
        become_user()
    else:
        os.setsid()
    sys.argv = [FILE]
    data = size_of_data()
    request = json.loads(read_frame(orders))
    request.update(json.loads(read_exactly(orders, request["body"])))
    first = request["first"]
    os.close(orders)
    if request["kind"] == "programs":
        stdin = os.memfd_create("stdin")
        write_all(stdin, request["tests"][first].encode("utf-8", "surrogatepass"))
        os.lseek(stdin, 0, os.SEEK_SET)
    else:
        stdin = os.open("/dev/null", os.O_RDONLY)
    os.dup2(stdin, 0)
    os.close(stdin)
    if packages:
        data -= size_of_data()
        import_packages(f"{request['setup']}\n{request['source']}")
        data += size_of_data()
    limit_resources(request, data)
    gc.enable()
    write_frame(RESULTS, json.dumps(own_time()))
    if request["kind"] == "programs":
        run_program(request)
    run_calls(request, first)


def become_user() -> None:
    """Be the user of submissions, for good, and thereby without capabilities."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def size_of_data() -> int:
    """The bytes of this process that count as data."""
    fd = os.open("/proc/self/statm", os.O_RDONLY)
    pages = int(os.read(fd, 1000).split()[5])
    os.close(fd)
    return pages * resource.getpagesize()


def import_packages(text: str) -> None:
    """Import what a text imports of the packages of the image, before its time begins.

    How long that takes, and how much memory, is no merit of a program; nor is it its fault on a
    slow machine.
    """
    for module, names, modules in IMPORTS.findall(text)[:MOST_IMPORTS]:
        parts = [words[0] for words in map(str.split, names.strip("()").split(",")) if words]
        wanted = [words[0] for words in map(str.split, modules.split(",")) if words]
        for name in filter(None, (module, *wanted)):
            if name.partition(".")[0] in packages:
                with contextlib.suppress(BaseException):  # the program itself is told of it
                    __import__(name, fromlist=parts)


def limit_resources(request: Request, data: int) -> None:
    """Set the limits that the kernel keeps for each process, which has so much data already."""
    memory = data + request["memory"]
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory + STACKS))
    for limit, value in (
        (resource.RLIMIT_FSIZE, request["disk"]),
        (resource.RLIMIT_CPU, int(own_time() + request["total_seconds"]) + 1),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def run_calls(request: Request, first: int) -> NoReturn:
    """Load the source, evaluate the expressions, and report the value of each."""
    pythons = dict(vars(builtins))
    module = new_module("submission")
    try:
        load(request["setup"], module, "setup")
        load(request["source"], module)
    except BaseException as error:
        # To leave with success, as by exit() at the end of an example, is to have been loaded.
        if not isinstance(error, SystemExit) or error.code not in (None, 0):
            write_frame(RESULTS, what_went_wrong(error, "on loading, "))
            os._exit(0)
    names = dict(vars(module))
    missing = [name for name in request["requires"] if name not in names]
    if missing:
        message = f"{', '.join(missing)} is not defined"
        write_frame(RESULTS, json.dumps(["missing", message, None]))
        os._exit(0)
    if request["requires"]:
        # Of the program only what is tested: it may have a list of its own, and a helper.
        names.update(pythons, __builtins__=pythons)
        exec(compile(request["setup"], "setup", "exec", dont_inherit=True), names)  # noqa: S102
        names.update((name, vars(module)[name]) for name in request["requires"])
    write_frame(RESULTS, '"loaded"')
    for expression in request["tests"][first:]:
        frame = evaluate(expression, names, request["output"])
        flush()
        write_frame(RESULTS, frame)
    os.close(RESULTS)
    os._exit(0)


def evaluate(expression: str, names: dict[str, Any], longest: int) -> str:
    """The frame that tells of the value of an expression, or of what went wrong."""
    try:
        code = compile(expression, "test", "eval", dont_inherit=True)
        value = eval(code, names)  # noqa: S307
        frame = json.dumps(["returned", "", tree_of(value, DEEPEST_VALUE)])
        if len(frame) > longest:
            message = f"it returned a value of more than {longest} bytes"
            frame = json.dumps(["output", message, None])
    except BaseException as error:
        frame = what_went_wrong(error)
    return frame


def run_program(request: Request) -> NoReturn:
    """Run the source as a program of its own; report only what went wrong."""
    module = new_module("__main__")
    status = 0
    try:
        try:
            load(request["setup"], module, "setup")
            load(request["source"], module)
        finally:  # as Python does at the end of a program
            if "threading" in sys.modules:
                sys.modules["threading"]._shutdown()
            atexit._run_exitfuncs()
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.code, int):
            status = (stop.code or 0) & 255
        else:
            print(stop.code, file=sys.stderr)
            status = 1
    except BaseException as error:
        flush()
        write_frame(RESULTS, what_went_wrong(error))
    flush()
    with contextlib.suppress(BaseException):
        for thing in gc.get_objects():  # files that are still open
            if type(thing) in (io.TextIOWrapper, io.BufferedWriter):
                thing.flush()
        del sys.modules["__main__"], module
        gc.collect()  # and objects with last words
    flush()
    os._exit(status)


def new_module(name: str) -> types.ModuleType:
    """A module of the submission's, for its text to be run in."""
    module = sys.modules[name] = types.ModuleType(name)
    vars(module).update(__file__=FILE, __builtins__=builtins)
    return module


def load(source: str, module: types.ModuleType, file: str = FILE) -> None:
    """Run a source text in the namespace of a module."""
    try:
        code = compile(source, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise NotPython(told(error)) from None
    # Where inspect.getsource, and a traceback, looks for the lines.
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    exec(code, vars(module))  # what all this is for  # noqa: S102


class NotPython(Exception):
    """The source cannot be compiled."""


def flush() -> None:
    """Send what was printed on its way."""
    for name in ("stdout", "__stdout__", "stderr", "__stderr__"):
        with contextlib.suppress(BaseException):
            getattr(sys, name).flush()


def what_went_wrong(error: BaseException, when: str = "") -> str:
    """The frame that tells of an exception."""
    status = "crash"
    if isinstance(error, NotPython):
        return json.dumps(["syntax", error.args[0], None])
    if isinstance(error, MemoryError):
        status = "memory"
    elif isinstance(error, RuntimeError) and "start new thread" in told(error):
        status = "processes"
    elif isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            status = "disk"
        elif error.errno in (errno.EPERM, errno.EACCES, errno.EROFS, errno.ENETUNREACH):
            status = "forbidden"
        elif isinstance(error, BlockingIOError):
            status = "processes"
    return json.dumps([status, when + told(error), None])


def told(error: BaseException) -> str:
    """An exception in a line: its type, what it says, and the line of the source."""
    is_syntax = isinstance(error, SyntaxError)
    try:
        said = str(error.msg if isinstance(error, SyntaxError) else error)
    except BaseException:  # it is the submission's own
        said = ""
    text = type(error).__name__ + (f": {said}" if said else "")
    text = " ".join(text[:LONGEST_MESSAGE].split())
    line = error.lineno if isinstance(error, SyntaxError) else None
    trace = None if is_syntax else error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{text} (line {line})" if line else text


def tree_of(value: Any, depth: int) -> Any:
    """A value as JSON holds it; ``values.py`` on the host tells the form."""
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if -(10**15) < value < 10**15 else {"int": format(value, "x")}
    if kind is float:
        return value if value - value == 0 else {"float": str(value)}
    if depth == 0:
        return {"object": "value that nests too deeply"}
    if kind is list:
        return [tree_of(item, depth - 1) for item in value]
    if kind in (tuple, set, frozenset):
        return {kind.__name__: [tree_of(item, depth - 1) for item in value]}
    if kind is dict:
        pairs = value.items()
        return {"dict": [[tree_of(k, depth - 1), tree_of(v, depth - 1)] for k, v in pairs]}
    if kind is bytes:
        return {"bytes": value.hex()}
    if kind is complex:
        return {"complex": [tree_of(value.real, 1), tree_of(value.imag, 1)]}
    return {"object": kind.__name__[:100]}


if __name__ == "__main__":
    is_isolated = sys.argv[1:] != ["unsafe"]
    serve()
