"""What a submission would try instead of solving: each is a hostile source, for a container alone.

NEVER run any of these outside a container: some of them end every process that they can reach.

ATTACKS are run on tests whose expected values nobody can know: none may pass, and the next
submission must find everything as it was. WALLS return what they could get at: it must be nothing.
"""

from __future__ import annotations

import textwrap
from typing import NamedTuple


class Attack(NamedTuple):
    """A source, and how its tests may end: a status of any of these words; none for any at all."""

    source: str
    ends: str = ""
    tests: tuple[str, ...] = ("f(0)", "f(1)")
    kind: str = "calls"


ATTACKS: dict[str, Attack] = {}
WALLS: dict[str, str] = {}


def attack(name: str, source: str, ends: str = "", **more: object) -> None:
    assert name not in ATTACKS
    ATTACKS[name] = Attack(textwrap.dedent(source), ends, **more)


def wall(name: str, source: str) -> None:
    assert name not in WALLS
    WALLS[name] = textwrap.dedent(source)


def program(name: str, source: str, ends: str = "") -> None:
    attack(name, source, ends, tests=("1\n", "2\n"), kind="programs")


# Forged results.

FRAME = """
import json, os
def frame(data, fd=3):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    os.write(fd, len(data).to_bytes(4, "big") + data)
"""

attack(
    "a result of its own, then an exit",
    FRAME + 'def f(x): frame(["returned", "", 1]); os._exit(0)',
    "wrong crash",
)
attack(
    "the word passed",
    FRAME + 'def f(x): frame(["passed", "", None]); os._exit(0)',
    "forbidden crash",
)
attack("the status of the sandbox", FRAME + 'def f(x): frame(["broken", "", None]); os._exit(0)')
attack(
    "results for all tests while it is loaded",
    FRAME + 'frame("loaded"); [frame(["returned", "", n]) for n in range(2)]; os._exit(0)',
    "wrong forbidden",
)
attack(
    "more results than tests",
    FRAME + 'def f(x): [frame(["returned", "", n]) for n in range(50)]',
    "wrong forbidden",
)
attack("started twice", FRAME + 'frame("started"); frame("started")\ndef f(x): return 1')
attack("loaded twice", FRAME + 'frame("loaded"); frame("loaded")\ndef f(x): return 1')
attack("a result that is true", FRAME + "def f(x): frame(b'true'); os._exit(0)", "forbidden crash")
attack("an empty frame", FRAME + "def f(x): frame(b''); os._exit(0)", "forbidden crash")
attack("half a frame", "import os\ndef f(x): os.write(3, b'\\0\\0\\1\\0[1,'); os._exit(0)", "crash")
attack("half a length", "import os\ndef f(x): os.write(3, b'\\0\\0'); os._exit(0)", "crash")
attack("a frame of 4 GB", "import os\ndef f(x): os.write(3, b'\\xff' * 9)", "forbidden wrong")
attack("noise", "import os\ndef f(x): os.write(3, bytes(range(256)) * 200)", "forbidden")
attack("a flood of empty frames", "import os\ndef f(x):\n while 1: os.write(3, b'\\0' * 65536)")
for _name, _value in {
    "NaN": "NaN",
    "infinity": "1e999",
    "a long number": "9" * 5000,
    "a longer number": "9" * 200_000,
    "digits after the point": f"0.{'1' * 200_000}",
    "deep lists": "[" * 50_000 + "]" * 50_000,
    "deep sets": '{"set":[' * 90 + "]}" * 90,
    "deep dicts": '{"dict":[[1,' * 40 + "1" + "]]}" * 40,
    "two members": '{"set":[],"set":[]}',
    "a member twice": '{"int":"1","int":"2"}',
    "no such type": '{"object":{"object":1}}',
    "an odd complex number": '{"complex":[{"set":[]},{"float":"nan"}]}',
    "odd digits": '{"int":"0x_1"}',
    "odd bytes": '{"bytes":"zz"}',
    "many dicts": "[" + ",".join(['{"dict":[]}'] * 18_000) + "]",
    "many lists": "[" + ",".join(["[]"] * 80_000) + "]",
    "not UTF-8": '"\xff\xfe"',
    "surrogates": '"\\ud800"',
    "an unended text": '"' + "\\" * 3001,
    "white space": " " * 100_000,
}.items():
    attack(
        f"forged: {_name}",
        FRAME
        + f'V = {_value!r}\ndef f(x): frame(f\'["returned", "", {{V}}]\'.encode("latin-1"))\n',
    )
attack(
    "a frame on every descriptor",
    FRAME
    + """
def f(x):
    for fd in range(256):
        try: frame(["returned", "", 1], fd)
        except OSError: pass
    os._exit(0)
""",
    "wrong forbidden crash",
)
attack(
    "frames into the pipes of other processes",
    FRAME
    + """
def f(x):
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        for fd in range(20):
            try:
                got = os.open(f"/proc/{pid}/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK)
                frame({"id": "0" * 32, "outcomes": [{"status": "returned"}] * 2}, got)
            except OSError:
                pass
    os._exit(0)
""",
    "wrong crash forbidden",
)
attack(
    "the reporter replaced",
    """
import sys
main = sys.modules["__main__"]
def f(x): pass
main.tree_of = lambda *a: True
main.json.dumps = lambda *a, **k: '["passed", "", null]'
""",
)
attack(
    "built-in functions replaced",
    """
import builtins, os, json
write = os.write
builtins.eval = lambda *a: 1
builtins.compile = lambda *a, **k: None
os.write = lambda fd, data: write(fd, data) if fd != 3 else len(data)
json.dumps = str
builtins.len = lambda x: 0
def f(x): return 1
""",
)
attack(
    "answers looked for in the frames above",
    """
import sys, gc
def f(x):
    frame, found = sys._getframe(), []
    while frame:
        found += [k for k in frame.f_locals if "expected" in k]
        for value in frame.f_locals.values():
            if isinstance(value, dict) and "expected" in value: return value["expected"][x]
        frame = frame.f_back
    gc.unfreeze()
    for o in gc.get_objects():
        if type(o) is dict and "expected" in o: return o["expected"]
    return found
""",
    "wrong timeout",
)
attack(
    "equal to everything",
    """
class Yes(int):
    def __eq__(self, other): return True
    def __hash__(self): return 0
    __class__ = int
def f(x): return [Yes(1), {Yes(1): Yes(2)}, Yes][x]
""",
    "wrong",
)
attack("a subclass of every type", "def f(x): return type('int', ([int, str][x],), {})()", "wrong")
attack(
    "a type without a name",
    "class M(type):\n __name__ = property(lambda c: 1 / 0)\nclass T(metaclass=M): pass\n"
    "def f(x): return T()",
    "crash",
)
attack("a list in itself", "a = []\na.append(a)\ndef f(x): return a", "wrong")
attack("a value that grows", "a = []\nfor _ in range(60): a = [a, a]\ndef f(x): return a")
attack("a deep set", "a = frozenset()\nfor _ in range(40): a = frozenset([a])\ndef f(x): return a")
attack("hash collisions", "def f(x): return {n * (2**61 - 1) for n in range(5000)}")
attack("huge values", "def f(x): return 'x' * 10**7", "output")
attack("many large values", "def f(x): return 'x' * 200_000", tests=("f(0)",) * 60)
attack("a huge number", "def f(x): return 1 << 800_000", "wrong")
attack(
    "a hostile repr", "class A:\n def __repr__(s):\n  while 1: pass\ndef f(x): return A()", "wrong"
)
attack(
    "a hostile exception",
    """
class E(BaseException):
    def __str__(self): raise self
    __class__ = property(lambda self: 1 / 0)
def f(x): raise E
""",
    "crash",
)
attack("a long exception", "def f(x): raise ValueError('x' * 10**7)", "crash")
attack("an endless exception", "class E(Exception):\n def __str__(s):\n  while 1: pass\n"
       "def f(x): raise E", "timeout")  # fmt: skip
attack("a terminal's escapes", "def f(x): raise ValueError('\\x1b[2J\\x07\\u202e\\ud800')", "crash")
attack(
    "NotPython without a message", "import __main__\ndef f(x): raise __main__.NotPython", "crash"
)
attack(
    "a syntax error of its own", "def f(x): raise SyntaxError('m', (1, 10**99, [], {}))", "crash"
)

# Exits.

attack("sys.exit(0)", "import sys\ndef f(x): sys.exit(0)", "crash")
attack("sys.exit(0) while it is loaded", "import sys\nsys.exit(0)", "crash")
attack("os._exit(0)", "import os\ndef f(x): os._exit(0)", "crash")
attack("os._exit(0) while it is loaded", "import os\nos._exit(0)", "crash")
attack("abort", "import os\ndef f(x): os.abort()", "crash")
attack("a segmentation fault", "import ctypes\ndef f(x): ctypes.string_at(1)", "crash")
attack(
    "exit hooks",
    FRAME
    + """
import atexit, sys
atexit.register(frame, ["returned", "", 1])
sys.excepthook = lambda *a: frame(["returned", "", 1])
def f(x): sys.exit(0)
""",
    "crash forbidden",
)
attack(
    "another program in its place", "import os\ndef f(x): os.execv('/bin/sleep', ['sleep', '9'])"
)
attack("KeyboardInterrupt", "import os\ndef f(x): os.kill(os.getpid(), 2)", "crash")
attack("a signal without a name", "import os\ndef f(x): os.kill(os.getpid(), 40)", "crash")
attack("its own stop", "import os\ndef f(x): os.kill(os.getpid(), 19)", "timeout")
attack(
    "everybody's end",
    """
import os
def f(x):
    assert os.getpid() < 10**6 and os.path.exists("/.dockerenv") and os.getuid() >= 0x70000000
    for signal in (19, 9):
        for pid in (1, os.getppid(), -1):
            try: os.kill(pid, signal)
            except OSError: pass
    return 0
""",
    "wrong crash timeout",
)
program("exit 0 without output", "import os\nos._exit(0)", "wrong")
program("another status", "print(input()); raise SystemExit(7)", "crash")
program("exit hooks of a program", "import atexit\natexit.register(print, 'x')", "wrong")
program("a program that reports", FRAME + 'frame(["returned", "", "1"])', "forbidden")
program("a program that never ends", "while True: pass", "timeout")
program("a thread that never ends",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()",
        "timeout")  # fmt: skip
program("a program that reads for ever", "import sys\nwhile True: sys.stdin.read()", "timeout")
program("output without end", "while True: print('x' * 1000)", "output")
program("output of bytes", "import os\nos.write(1, bytes(range(256)) * 100)", "wrong")
program("closed output", "import os\nos.closerange(0, 256)")

# Processes, threads, time.

attack(
    "daemons that report and write later",
    FRAME
    + """
import time
def f(x):
    for _ in range(5):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for n in range(10**9):
                    time.sleep(0.001)
                    try: frame(["returned", "", 1])
                    except OSError: pass
                    open("/tmp/late", "a").write("x")
            os._exit(0)
    os._exit(0)
""",
)
attack(
    "children that fill the pipes when it has ended",
    """
import os
def f(x):
    for _ in range(20):
        if os.fork() == 0:
            while True: os.write(1 + os.getpid() % 3, bytes(65536))
    os._exit(0)
""",
)
attack("a fork bomb", "import os\nwhile True:\n try: os.fork()\n except OSError: pass")
attack(
    "a fork bomb of processes that end",
    "import os\nwhile True:\n try:\n  if os.fork(): os._exit(0)\n except OSError: pass",
)
attack("a thread bomb",
       "import threading, time\ndef f(x):\n while 1:"
       " threading.Thread(target=time.sleep, args=(99,)).start()", "processes")  # fmt: skip
attack(
    "threads that go on",
    "import threading\ndef g():\n while 1: pass\ndef f(x): threading.Thread(target=g).start()",
    "wrong timeout",
)
attack(
    "work by children",
    """
import os
def f(x):
    for _ in range(20):
        if os.fork() == 0:
            while True: pass
    os.wait()
""",
    "timeout",
)
attack(
    "waiting for a processor that its own children keep busy",
    """
import os
def f(x):
    for _ in range(10):
        if os.fork() == 0:
            while True: pass
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    while True: pass
""",
    "timeout",
)
attack("sleep", "import time\ndef f(x): time.sleep(99)", "timeout")
attack("a loop", "def f(x):\n while True: pass", "timeout")
attack("a loop that catches everything",
       "def f(x):\n while True:\n  try:\n   while True: pass\n  except BaseException: pass",
       "timeout")  # fmt: skip
attack("a loop in C", "def f(x): return sum(range(10**12))", "timeout")
attack("a power", "def f(x): return 7 ** 7 ** 9 % 10", "timeout memory")
attack(
    "a regular expression", "import re\ndef f(x): return re.match('(a*)*b', 'a' * 40)", "timeout"
)
attack("signals blocked",
       "import signal\nsignal.pthread_sigmask(0, range(1, 65))\ndef f(x):\n while 1: pass",
       "timeout")  # fmt: skip
attack("a slow trickle",
       "import time, os\ndef f(x):\n while True: time.sleep(.01); os.write(2, b'.')",
       "timeout")  # fmt: skip
attack("a frame byte by byte",
       "import time, os\ndef f(x):\n while True: time.sleep(.01); os.write(3, b'\\0')",
       "timeout forbidden")  # fmt: skip
attack("a finalizer without end",
       "class A:\n def __del__(s):\n  while 1: pass\ndef f(x): A()", "timeout")  # fmt: skip
attack("a trace function", "import sys\ndef t(*a):\n while 1: pass\ndef f(x): sys.settrace(t)",
       "timeout wrong")  # fmt: skip
attack(
    "a profile function", "import sys\ndef f(x): sys.setprofile(lambda *a: 1 / 0)", "crash wrong"
)
attack("an import hook",
       "import sys\nclass H:\n def find_spec(*a): raise SystemExit(0)\nsys.meta_path[:] = [H()]\n"
       "sys.modules.clear()\ndef f(x): import json", "crash wrong")  # fmt: skip
attack("priority and processors",
       "import os\ndef f(x):\n os.nice(19); os.sched_setaffinity(0, {0})\n"
       " os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\n while 1: pass",
       "timeout crash forbidden")  # fmt: skip
attack("a stopped child", "import os\ndef f(x):\n p = os.fork()\n if not p:\n  os.kill(0, 19)\n"
       " os.waitpid(p, 0)", "timeout")  # fmt: skip
attack("a traced child",
       "import os, ctypes\ndef f(x):\n p = os.fork()\n if not p:\n"
       "  ctypes.CDLL(None).ptrace(0, 0, 0, 0); os.kill(os.getpid(), 19)\n os.waitpid(p, 2)\n"
       " while 1: pass", "timeout")  # fmt: skip

# Memory.

attack("memory of the heap", "def f(x):\n a = []\n while 1: a.append(bytearray(10**6))", "memory")
attack("memory at once", "def f(x): return len(bytes(10**12))", "memory")
attack("shared memory",
       "import mmap\ndef f(x):\n a = []\n while 1:\n  m = mmap.mmap(-1, 10**7); a.append(m)\n"
       "  m.write(bytes(10**7))", "memory timeout")  # fmt: skip
attack("a memfd", "import os\ndef f(x):\n fds = []\n while 1:\n  m = os.memfd_create('m')\n"
       "  fds.append(m); os.write(m, bytes(10**7))", "memory disk timeout")  # fmt: skip
attack(
    "memory of many processes",
    """
import os, time
def f(x):
    for _ in range(12):
        if os.fork() == 0:
            a = bytearray(50_000_000)
            for n in range(0, len(a), 4096): a[n] = 1
            time.sleep(99)
    time.sleep(99)
""",
    "memory timeout crash",
)
attack(
    "memory in pipes and sockets",
    """
import socket, os
def f(x):
    kept = []
    while True:
        a, b = socket.socketpair()
        a.setblocking(False)
        try:
            while True: a.send(bytes(65536))
        except BlockingIOError: pass
        kept.append((a, b))
""",
)
attack("nests that are freed", "def f(x):\n a = None\n for _ in range(10**6): a = (a,)\n del a")
attack("recursion", "import sys\nsys.setrecursionlimit(10**9)\ndef f(x): return f(x)",
       "crash memory timeout")  # fmt: skip
attack("a text folded into a constant", "def f(x): return 'x' * 10**9", "memory output")
attack("a power folded into a constant", "X = 2 ** (2 ** 30)\ndef f(x): return 1")

# Output and files.

attack("output of a test", "def f(x): print('x' * 10**6)", "output")
attack("output to standard error", "import sys\ndef f(x): sys.stderr.write('x' * 10**6)", "output")
attack("output of children",
       "import os\ndef f(x):\n if os.fork() == 0:\n  while 1: os.write(1, bytes(9999))\n os.wait()",
       "output")  # fmt: skip
attack("a large file", "def f(x): open('/tmp/a', 'wb').write(bytes(10**7) * 3)", "disk memory")
attack("large files",
       "def f(x):\n n = 0\n while 1: n += 1; open(f'/tmp/{n}', 'wb').write(bytes(10**7))",
       "disk memory timeout")  # fmt: skip
attack(
    "a sparse file", "import os\ndef f(x): os.truncate(os.open('/tmp/a', 66), 10**12)", "disk crash"
)
attack("many files",
       "def f(x):\n n = 0\n while 1: n += 1; open(f'/tmp/{n}', 'w').close()",
       "disk timeout crash")  # fmt: skip
attack("deep folders",
       "import os\ndef f(x):\n for _ in range(3000): os.mkdir('d'); os.chdir('d')",
       "wrong timeout disk")  # fmt: skip
attack(
    "odd files",
    r"""
import os, socket
def f(x):
    os.makedirs("/tmp/a/b/c"); open("/tmp/a/b/c/d", "w").write("d")
    os.symlink("/etc", "/tmp/a/etc"); os.symlink("/", "/tmp/root"); os.symlink("loop", "/tmp/loop")
    os.link("/tmp/a/b/c/d", "/tmp/hard"); os.mkfifo("/tmp/fifo")
    socket.socket(socket.AF_UNIX).bind("/tmp/sock")
    for name in ("\n", "\\", "-rf", " ", "\x7f\x1b[2J", "\udcff\udcfe", "é" * 127, "*", "..."):
        open(f"/tmp/{name}", "w").close(); os.mkdir(f"/tmp/a/{name}")
    os.chmod("/tmp/hard", 0o4777); os.chmod("/tmp/a/b/c", 0); os.chmod("/tmp/a/b", 0)
    os.chmod("/tmp/a", 0)
    return 0
""",
    "wrong crash forbidden",
)
attack(
    "locks",
    "import fcntl\nh = open('/tmp/lock', 'w')\ndef f(x): fcntl.flock(h, 2); fcntl.lockf(h, 2)",
)
attack(
    "a server on an abstract socket",
    """
import os, socket
def f(x):
    s = socket.socket(socket.AF_UNIX)
    s.bind("\\0left"); s.listen()
    if os.fork() == 0:
        os.setsid()
        while True: s.accept()
""",
    "wrong crash",
)
attack("descriptors closed", "import os\ndef f(x): os.closerange(0, 256)", "crash")
attack("descriptors swapped", "import os\ndef f(x): print('x'); os.dup2(1, 3); os.dup2(0, 1)")
attack("descriptors used up", "import os\ndef f(x):\n while 1: os.dup(1)", "crash")
attack(
    "something left for the next",
    """
import os, sys, time, resource, builtins, json, locale
def f(x):
    os.umask(0); os.chdir("/"); os.environ.update(TZ="Mars", LEFT="1"); time.tzset()
    sys.setrecursionlimit(200); os.nice(5); os.sched_setaffinity(0, {0})
    resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
    sys.modules["left"] = sys; builtins.left = 1; json.left = 1; sys.path[:] = ["/tmp"]
    for name in ("json", "sitecustomize", "usercustomize", "submission", "random"):
        open(f"/tmp/{name}.py", "w").write("raise SystemExit(1)")
    return 0
""",
    "wrong",
)

# Sources that are none.

for _name, _source in {
    "nothing": "",
    "NUL": "def f(x): return 1\0",
    "a lone surrogate": "def f(x): return '\ud800'",
    "another encoding": "# -*- coding: utf-7 -*-\ndef f(x): return +AGE-",
    "minus signs": "-" * 100_000 + "1",
    "parentheses": "(" * 100_000,
    "nested lists": "x = " + "[" * 90 + "]" * 90,
    "deep blocks": "".join(" " * n + "if 1:\n" for n in range(99)) + " " * 99 + "pass",
    "many sums": "x = " + "+".join(["1"] * 50_000),
    "many attributes": "x = a" + ".a" * 50_000,
    "a long name": "x" * 1_000_000,
    "many lines": "\n" * 1_000_000,
    "a megabyte of emoji": "\N{PILE OF POO}" * 250_000,
    "nested f-strings": "f'{" * 200,
    "a huge number": "x = " + "9" * 100_000,
    "a form feed": "\f\v\r\ndef f(x): return 1",
    "homoglyphs": "def f(x): return \N{ARABIC-INDIC DIGIT ONE}",
}.items():
    attack(f"source: {_name}", _source, tests=("f(0)",))


# Walls.

LIBC = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
"""

wall(
    "the only places to write are /tmp and /dev/shm",
    """
import os, stat
def f():
    found = []
    def look(path):
        try:
            entries = list(os.scandir(path))
        except OSError:
            return
        for entry in entries:
            if entry.path in ("/proc", "/tmp", "/dev/shm") or entry.is_symlink(): continue
            mode = entry.stat(follow_symlinks=False).st_mode
            if os.access(entry.path, os.W_OK) and not stat.S_ISCHR(mode):
                try:
                    if stat.S_ISDIR(mode): os.mkdir(entry.path + "/x")
                    else: os.close(os.open(entry.path, os.O_WRONLY | os.O_NONBLOCK))
                    found.append(entry.path)
                except OSError: pass
            if mode & (stat.S_ISUID | stat.S_ISGID) and not stat.S_ISDIR(mode) and os.statvfs(
                entry.path).f_flag & os.ST_NOSUID == 0 and NO_NEW != "1": found.append(entry.path)
            if stat.S_ISDIR(mode): look(entry.path)
    NO_NEW = [l.split()[1] for l in open("/proc/self/status") if l.startswith("NoNewPrivs")][0]
    look("/")
    return found
""",
)
wall(
    "files of the kernel and of the first process",
    """
import os
def f():
    found = []
    for path in '''/proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches /proc/sysrq-trigger
        /proc/1/oom_score_adj /proc/1/mem /proc/1/clear_refs /proc/1/comm
        /proc/1/uid_map /proc/sys/kernel/ns_last_pid /proc/irq/default_smp_affinity
        /sys/kernel/mm/ksm/run /sys/power/state /sys/fs/cgroup/memory/memory.limit_in_bytes
        /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/memory/release_agent /dev/mem /dev/kmsg
        /etc/passwd /usr/x /root/x /var/x /dev/x /run/x /proc/x /x'''.split():
        try: found.append([path, os.open(path, os.O_WRONLY | os.O_CREAT)])
        except OSError: pass
    others = [p for p in os.listdir("/proc") if p.isdecimal() and int(p) != os.getpid()]
    for pid in others:
        for name in "environ mem maps fd/0 fd/1 root cwd exe stack syscall".split():
            try:
                os.stat(f"/proc/{pid}/{name}")
                if name in ("environ", "mem", "maps", "stack", "syscall"):
                    open(f"/proc/{pid}/{name}", "rb").read(1)
                found.append([pid, name])
            except OSError: pass
    for path in ("/proc/kcore", "/proc/kmsg", "/proc/keys", "/proc/timer_list", "/proc/kallsyms"):
        try:
            data = open(path, "rb").read(99)
            if data and not data.startswith(b"0000000000000000"): found.append(path)
        except OSError: pass
    for path, text in {"self/oom_score_adj": "-1000", "1/timerslack_ns": "99"}.items():
        try:
            with open(f"/proc/{path}", "w") as file: file.write(text)
            found.append(path)
        except OSError: pass
    return found
""",
)
wall(
    "other processes",
    LIBC
    + """
import resource
def f():
    found = []
    buffer = ctypes.create_string_buffer(16)
    iov = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    for pid in {1, os.getppid()}:
        for name, args in {
            "kill": (pid, 0), "ptrace": (16, pid, 0, 0), "setpriority": (0, pid, 5),
            "process_vm_readv": (pid, iov, 1, iov, 1, 0),
            "process_vm_writev": (pid, iov, 1, iov, 1, 0),
            "sched_setaffinity": (pid, 8, (ctypes.c_ulong * 1)(1)), "setpgid": (pid, pid),
        }.items():
            if getattr(libc, name)(*args) != -1: found.append([name, pid])
        try: resource.prlimit(pid, resource.RLIMIT_CORE); found.append(["prlimit", pid])
        except OSError: pass
    return found
""",
)
wall(
    "privileges",
    LIBC
    + """
def f():
    found = []
    for name, args in {
        "setuid": (0,), "setgid": (0,), "seteuid": (0,), "setfsuid32": (0,), "setgroups": (0, None),
        "chroot": (b"/tmp",), "mount": (b"none", b"/tmp", b"tmpfs", 0, None),
        "umount2": (b"/tmp", 2), "unshare": (0x10000000,), "sethostname": (b"x", 1),
        "setdomainname": (b"x", 1), "reboot": (0,), "swapon": (b"/tmp/x", 0), "acct": (None,),
        "iopl": (3,), "ioperm": (0, 1, 1), "vhangup": (), "klogctl": (10, None, 0),
        "mknod": (b"/tmp/dev", 0o60666, 0), "chown": (b"/tmp", os.getuid(), os.getgid()),
        "fanotify_init": (0, 0), "settimeofday": (ctypes.create_string_buffer(16), None),
        "init_module": (None, 0, b""), "pivot_root": (b"/tmp", b"/tmp"),
    }.items():
        if hasattr(libc, name) and libc[name](*args) != -1: found.append(name)
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        if libc.unshare(flag) != -1: found.append(["unshare", flag])
        try:
            for name in os.listdir("/proc/1/ns"):
                fd = os.open("/proc/1/ns/" + name, 0)
                if libc.setns(fd, 0) != -1: found.append(["setns", name])
        except OSError: pass
    if os.uname().machine == "x86_64":
        space = ctypes.create_string_buffer(256)
        for name, number in {
            "add_key": 248, "keyctl": 250, "request_key": 249, "bpf": 321, "perf_event_open": 298,
            "userfaultfd": 323, "open_by_handle_at": 304, "kexec_load": 246, "finit_module": 313,
            "delete_module": 176, "quotactl": 179, "lookup_dcookie": 212, "move_mount": 429,
            "open_tree": 428, "fsopen": 430, "kcmp": 312, "pidfd_getfd": 438, "ustat": 136,
            "clock_settime": 227, "clock_adjtime": 305, "create_module": 174, "_sysctl": 156,
            "io_uring_setup": 425,
        }.items():
            if libc.syscall(number, 1, space, 0, 0, 0) != -1: found.append(name)
    status = dict(l.split(":\\t", 1) for l in open("/proc/self/status") if ":\\t" in l)
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        if int(status[name], 16): found.append([name, status[name]])
    if status["NoNewPrivs"] != "1\\n" or status["Seccomp"] != "2\\n": found.append("status")
    if set(status["Uid"].split() + status["Gid"].split()) != {str(os.getuid())}: found.append("ids")
    if not 0x70000000 <= os.getuid() < 0x80000000: found.append("id")
    if status["Groups"].split(): found.append("groups")
    return found
""",
)
wall(
    "memory and messages that outlive a process",
    LIBC
    + """
def f():
    found = []
    if libc.shmget(0, 4096, 0o1600) != -1: found.append("shm")
    if libc.semget(0, 1, 0o1600) != -1: found.append("sem")
    if libc.msgget(0, 0o1600) != -1: found.append("msg")
    if libc.mq_open(b"/x", 0o102, 0o600, None) != -1: found.append("mq")
    for path in ("/dev/mqueue/x", "/run/x", "/var/tmp/x", "/run/lock/x"):
        try: open(path, "w"); found.append(path)
        except OSError: pass
    return found
""",
)
wall(
    "the network",
    """
import os, socket
def f():
    tunnels = ("tunl", "sit", "ip6tnl", "gre", "gretap", "erspan", "ip_vti", "ip6_vti", "ip6gre")
    found = [name for name in os.listdir("/sys/class/net")
        if name != "lo" and name.rstrip("0") not in tunnels]
    for address in ("192.0.2.1", "169.254.169.254", "172.17.0.1", "2001:db8::1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                with socket.socket(family, kind) as s:
                    s.settimeout(0.2)
                    s.connect((address, 80))
                found.append(address)
            except OSError: pass
    for family, kind in ((socket.AF_INET, 3), (17, 3), (17, 2)):
        try: socket.socket(family, kind, 255); found.append([int(family), kind])
        except OSError: pass
    for family in range(64):
        for kind in (1, 2, 3, 5):
            try:
                socket.socket(family, kind).close()
                if family != 1: found.append([family, kind])
            except OSError: pass
    try: socket.getaddrinfo("example.org", 80); found.append("names")
    except OSError: pass
    return found
""",
)
wall(
    "the environment, and descriptors",
    """
import os
def f():
    found = sorted(set(os.environ) - {"HOME", "LANG", "LOGNAME", "PATH"})
    found = [name for name in found if os.environ[name] != "1" or "NUM_THREADS" not in name]
    for fd in range(4, 256):
        try: found.append([fd, os.readlink(f"/proc/self/fd/{fd}"), str(os.fstat(fd))])
        except OSError: pass
    return found
""",
)
wall(
    "what was expected, and what others have returned, in memory",
    LIBC
    + """
import re
def f():
    libc.prctl(4, 1, 0, 0, 0)
    found, seen = set(), 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps.read().splitlines():
            area, rights, *_ = line.split()
            begin, end = (int(side, 16) for side in area.split("-"))
            if rights[0] == "r" and end < 2**63:
                try:
                    memory.seek(begin); data = memory.read(end - begin)
                except OSError: continue
                seen += len(data)
                found.update(re.findall(rb"(?:SECRET|NEIGHBOUR)-[0-9a-f]{32}", data))
    assert seen > 10**6
    return sorted(found)
""",
)
wall(
    "limits of the kernel, and who is ended first where memory runs out",
    """
import resource
def f():
    limits = ("RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_CPU", "RLIMIT_CORE", "RLIMIT_NOFILE")
    found = [[name, side] for name in limits for side in (0, 1)
        if not 0 <= resource.getrlimit(getattr(resource, name))[side] < 2**40]
    if open("/proc/self/oom_score_adj").read() != "1000\\n": found.append("oom_score_adj")
    return found
""",
)


# What programs may use that are right: locks, stacks of threads, an output with a name.

attack(
    "shared memory that stays behind",
    """
import os
from multiprocessing.shared_memory import SharedMemory
memory = SharedMemory("note", create=True, size=10**6)
memory.buf[:4] = b"left"
for n in range(9): os.makedirs(f"/dev/shm/{n}/deep", mode=0o700); os.chmod(f"/dev/shm/{n}", 0)
os.mkfifo("/dev/shm/fifo"); os.symlink("/proc/1", "/dev/shm/link")
def f(x): return bytes(memory.buf[:4]).decode()
""",
    "wrong",
)
attack(
    "a lock that is held for ever",
    """
import multiprocessing, os
lock = multiprocessing.Lock()
def f(x): return lock.acquire() and lock.acquire()
""",
    "timeout",
)
attack(
    "more shared memory than there is",
    """
import os
def f(x):
    with open("/dev/shm/a", "wb") as file:
        while True: file.write(bytes(10**6))
""",
    "disk memory",
)
attack(
    "many files of shared memory",
    "def f(x):\n for n in range(10**5): open(f'/dev/shm/{n}', 'w').close()",
    "disk timeout",
)
attack(
    "a program in shared memory",
    """
import os, shutil, subprocess, sys
def f(x):
    shutil.copy(os.path.realpath(sys.executable), "/dev/shm/python")
    return subprocess.run(["/dev/shm/python", "-c", "print(1)"]).returncode
""",
    "forbidden disk memory",
)
LIFT = """
import resource
most = resource.getrlimit(resource.RLIMIT_DATA)[1]
resource.setrlimit(resource.RLIMIT_DATA, (most, most))
"""
attack(
    "memory beyond a limit that is lifted",
    LIFT + "def f(x):\n a = []\n while 1: a.append(bytearray(10**6))",
    "memory",
)
attack(
    "a limit that is lifted for good",
    "import resource\n"
    "def f(x): resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY,) * 2)",
    "crash",
)
attack(
    "stacks that are full",
    """
import sys, threading
sys.setrecursionlimit(10**9)
class Deep:
    def __getattr__(self, name): return getattr(self, name + "x"[:0])
def g():
    try: Deep().a
    except RecursionError: pass
threading.stack_size(2**29)
def f(x):
    threads = [threading.Thread(target=g) for _ in range(9)]
    [t.start() for t in threads]; [t.join() for t in threads]
""",
    "memory crash processes",
)
attack(
    "stacks for more than there is",
    """
import threading
threading.stack_size(2**30)
def f(x):
    threads = [threading.Thread(target=threading.Event().wait) for _ in range(9)]
    [t.start() for t in threads]
""",
    "processes",
)
attack(
    "frames of a recursion that never ends",
    """
import sys, threading
sys.setrecursionlimit(10**9)
threading.stack_size(2**29)
def g(n): return g(n + 1)
def f(x):
    thread = threading.Thread(target=g, args=(0,))
    thread.start(); thread.join()
    return x
""",
    "memory crash processes",
)
program(
    "an output that is written to after the end",
    """
import os, time
if not os.fork():
    os.setsid()
    while True:
        try: print("0123456789abcdef", file=open("/dev/stdout", "w"))
        except OSError: pass
""",
    "wrong output",
)
program(
    "an output that is read",
    "print(open('/dev/stdout').read() or open('/proc/1/fd/1').read())",
    "forbidden",
)
program(
    "the results under a name",
    "open('/proc/self/fd/3', 'wb').write(b'\\0\\0\\0\\1x')",
    "forbidden",
)
program(
    "last words without an end",
    "class A:\n def __del__(self):\n  while 1: pass\na = A()\na.a = a",
    "timeout",
)
program(
    "files without number that are still open",
    """
import io, os
class File(io.TextIOWrapper):
    def flush(self): os._exit(0)
files = [open(os.dup(1), "w") for _ in range(99)] + [File(open(os.dup(1), "wb"))]
for file in files: file.write("x")
""",
    "wrong",
)
attack("an exit while it is loaded", "def f(x): return x\nexit()", "wrong")
attack(
    "builtins for the tests",
    """
import builtins
def f(x): return x
def any_number(*_): return 10**20
__builtins__ = {name: any_number for name in dir(builtins)}
builtins.int = builtins.str = builtins.len = any_number
""",
    "wrong crash",
    tests=("int(f(1))", "str(f(1))"),
)
