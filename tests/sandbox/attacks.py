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


LIBC = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
"""

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


# Work that others do: it takes its time all the same.

WORK = """
import ctypes, os, signal, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def work(seconds=9):
    end = time.thread_time() + seconds
    while time.thread_time() < end: pass
def told(answer):
    read, write = os.pipe()
    if os.fork() == 0: answer(lambda: os.write(write, b"1")); os._exit(0)
    os.close(write)
    return os.read(read, 1)
"""
attack(
    "work by a child's child",
    WORK + "def f(x): return told(lambda send: os.fork() or (work(), send()))",
    "timeout",
)
attack(
    "work by many children's children, one after the other",
    WORK + "def f(x):\n while 1: told(lambda send: os.fork() or (work(0.02), send())); os.wait()",
    "timeout",
)
attack(
    "work by children whose end is ignored",
    WORK
    + "def f(x):\n signal.signal(17, signal.SIG_IGN)\n"
    + " while 1: told(lambda send: work(0.005))",
    "timeout",
)
attack(
    "work by children that tell nobody of their end",
    WORK
    + """
def f(x):
    if os.uname().machine != "x86_64": return
    read, write = os.pipe()
    if libc.syscall(56, 0, 0, 0, 0, 0) == 0: work(); os._exit(0)
    os.close(write)
    os.read(read, 1)
""",
    "timeout",
)
attack(
    "work by orphans of their own session",
    WORK
    + "def g(send): os.fork() or (os.setsid(), os.fork() or (work(), send()))\n"
    + "def f(x): return told(g)",
    "timeout",
)
attack(
    "work by orphans that it adopts",
    WORK
    + "def f(x):\n libc.prctl(36, 1, 0, 0, 0)\n"
    + " return told(lambda send: os.fork() or os.fork() or (work(), send()))",
    "timeout",
)
attack(
    "work by threads of a child",
    WORK
    + """
def g(send):
    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]; [thread.join() for thread in threads]
def f(x): return told(g)
""",
    "timeout",
)
attack(
    "work by a chain of processes, of which each ends at once",
    WORK
    + """
def f(x):
    read, write = os.pipe()
    if os.fork() == 0:
        while True:
            work(0.001)
            if os.fork(): os._exit(0)
    os.close(write)
    os.read(read, 1)
""",
    "timeout",
)
attack(
    "work that is begun while it is loaded",
    WORK
    + """
read, write = os.pipe()
if os.fork() == 0:
    for n in range(9): work(0.1); os.write(write, bytes([n]))
    os._exit(0)
def f(x): return [os.read(read, 1) for _ in range(9)]
""",
    "timeout",
)
attack(
    "work that goes on from test to test",
    WORK
    + """
def f(x):
    if x == 0 and os.fork() == 0:
        while True: work()
    time.sleep(0.05)
    return x
""",
    "wrong timeout",
    tests=tuple(f"f({n})" for n in range(20)),
)
attack(
    "children that are gone before its time is looked at",
    WORK
    + """
def f(x):
    children = [pid for _ in range(9) if (pid := os.fork()) or work()]
    work(0.02)
    for pid in children: os.kill(pid, 9)
    work()
""",
    "timeout",
)
attack(
    "another interpreter beside it",
    "import subprocess, sys\n"
    "def f(x): return subprocess.run([sys.executable, '-S', '-c', 'while 1: pass']).returncode",
    "timeout",
)
attack(
    "another interpreter in its place, which reports",
    """
import os, sys
def f(x):
    os.set_inheritable(3, True)
    os.execv(sys.executable, [sys.executable, "-S", "-c",
        "import os; os.write(3, b'\\0\\0\\0\\x11[\\"returned\\",\\"\\",1]')"])
""",
    "wrong crash",
)
attack(
    "clocks that stand still",
    """
import time, resource, os
time.process_time = time.thread_time = time.monotonic = time.clock_gettime = lambda *a: 0.0
resource.getrusage = os.times = os.wait4 = lambda *a: None
def f(x):
    while True: pass
""",
    "timeout",
)
attack(
    "a handler that never ends",
    "import signal\ndef g(*a):\n while 1: pass\n"
    "def f(x): signal.signal(14, g); signal.setitimer(0, 1e-6); return [0] * 10**6",
    "timeout wrong output",
)
attack(
    "a timer without a pause",
    "import signal\nsignal.signal(14, lambda *a: None)\nsignal.setitimer(0, 1e-6, 1e-6)\n"
    "def f(x):\n while 1: signal.pause()",
    "timeout",
)
attack(
    "an alarm between tests",
    "import signal, time\ndef f(x):\n if x: time.sleep(9)\n signal.setitimer(0, 0.01)\n",
    "wrong crash",
)
attack(
    "a watchdog that ends it",
    "import faulthandler, time\n"
    "def f(x): faulthandler.dump_traceback_later(0.01, exit=True); time.sleep(9)",
    "crash",
)

# What the kernel counts for each user: the next one finds all of it.

attack(
    "inotify instances for nobody else",
    LIBC
    + """
def f(x):
    for _ in range(9):
        if os.fork() == 0:
            os.setsid()
            while libc.inotify_init() >= 0: pass
            while True: os.sched_yield()
""",
    "wrong crash",
)
attack(
    "pending signals for nobody else",
    LIBC
    + """
import signal
def f(x):
    signal.pthread_sigmask(0, range(1, 65))
    for _ in range(9):
        if os.fork() == 0:
            while libc.sigqueue(os.getpid(), 40, None) == 0: pass
            signal.pause()
""",
    "wrong crash timeout",
)
attack(
    "pages of pipes for nobody else",
    """
import fcntl, os, time
def f(x):
    for _ in range(9):
        if os.fork() == 0:
            try:
                while True: fcntl.fcntl(os.pipe()[1], 1031, 1 << 20)
            except OSError: time.sleep(99)
""",
    "wrong crash",
)
attack(
    "descriptors on their way for nobody else",
    """
import array, os, socket
def f(x):
    kept = []
    while True:
        a, b = socket.socketpair()
        fds = array.array("i", [a.fileno(), b.fileno()] * 50)
        try: a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
        except OSError: break
        kept.append((a, b)) if len(kept) < 50 else (a.close(), b.close())
    return len(kept)
""",
    "wrong crash memory",
)
attack(
    "timers for nobody else",
    LIBC
    + """
def f(x):
    timer, count = ctypes.c_void_p(), 0
    while libc.timer_create(1, None, ctypes.byref(timer)) == 0: count += 1
    return count
""",
    "wrong crash memory",
)
attack(
    "terminals for nobody else",
    "import os\ndef f(x):\n kept = []\n while 1: kept.append(os.openpty())",
    "crash",
)
attack(
    "epolls that watch each other",
    """
import select
def f(x):
    polls = [select.epoll() for _ in range(100)]
    for one in polls:
        for other in polls:
            try: one.register(other, select.EPOLLIN)
            except OSError: pass
    return 0
""",
    "wrong crash",
)
attack(
    "locks on bytes without end",
    "import fcntl\nh = open('/tmp/a', 'w')\n"
    "def f(x):\n n = 0\n while 1: n += 2; fcntl.lockf(h, fcntl.LOCK_EX, 1, n)",
    "timeout crash memory",
)
attack("names that are not there",
       "import os\ndef f(x):\n n = 0\n while 1: n += 1; os.path.exists(f'/tmp/{n}' + 'x' * 200)",
       "timeout memory")  # fmt: skip
attack(
    "memory in the tables of pages",
    """
import mmap
def f(x):
    kept = []
    while True:
        area = mmap.mmap(-1, 1 << 32, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
        kept.append(area)
        for n in range(0, 1 << 32, 1 << 21): area[n] = 1
""",
    "memory crash",
)
attack(
    "memory in many areas",
    """
import mmap
def f(x):
    kept = []
    while True:
        kept.append(mmap.mmap(-1, 4096, prot=1 + len(kept) % 2 * 2))
""",
    "memory crash",
)
attack(
    "children that take the memory while it returns",
    """
import os
def f(x):
    for _ in range(3):
        if os.fork() == 0:
            a = []
            while True: a.append(bytearray(b"x" * 10**6))
    return x
""",
    "wrong memory crash",
)
attack("zombies without end", "import os\ndef f(x):\n while 1: os.fork() or os._exit(0)",
       "processes crash")  # fmt: skip

# Sockets: none but between its own processes.

for _name, _socket in {
    "a server on a port": "socket.create_server(('127.0.0.1', 0))",
    "a server of another family": "socket.create_server(('::1', 0), family=socket.AF_INET6)",
    "a datagram to itself": "socket.socket(socket.AF_INET, 2).sendto(b'', ('127.0.0.1', 9))",
    "a socket of the kernel": "socket.socket(16, 3, 0)",
    "a socket for packets": "socket.socket(17, 3, 768)",
    "a socket to the hypervisor": "socket.socket(40, 1)",
    "a socket of the kernel's ciphers": "socket.socket(38, 5)",
    "a socket of an unknown family": "socket.socket(2 + 2**32 - 2**32, 1 | 2048)",
}.items():
    attack(_name, f"import socket\ndef f(x): return {_socket}", "forbidden")
attack(
    "sockets of its own that are full of sockets",
    """
import array, socket
def f(x):
    a, b = socket.socketpair()
    for _ in range(100):
        c, d = socket.socketpair()
        c.sendmsg([b"x"], [(1, 1, array.array("i", [a.fileno(), b.fileno(), d.fileno()]))])
        a, b = c, d
""",
    "wrong crash",
)

# The pipe of the results: it is the submission's to set, at its end.

PIPE_OF_RESULTS = "import fcntl, os\n"
attack(
    "a pipe that does not wait",
    PIPE_OF_RESULTS + "fcntl.fcntl(3, 4, os.O_NONBLOCK)\ndef f(x): return 'x' * 200_000",
    "wrong crash",
)
attack(
    "a pipe of packets",
    PIPE_OF_RESULTS + "fcntl.fcntl(3, 4, os.O_DIRECT)\ndef f(x): return 'x' * 9000",
    "wrong forbidden",
)
attack(
    "a pipe of one page",
    PIPE_OF_RESULTS + "fcntl.fcntl(3, 1031, 4096)\ndef f(x): return 'x' * 200_000",
    "wrong",
)
attack(
    "a pipe of a megabyte",
    PIPE_OF_RESULTS
    + "fcntl.fcntl(1, 1031, 1 << 20)\ndef f(x):\n while 1: os.write(1, bytes(1 << 20))",
    "output",
)
attack(
    "signals from a pipe to the first process",
    PIPE_OF_RESULTS
    + """
def f(x):
    for fd in (1, 2, 3):
        for pid in (1, os.getppid(), -1):
            for signal in (9, 17, 19, 40):
                try:
                    fcntl.fcntl(fd, 8, pid); fcntl.fcntl(fd, 10, signal)
                    fcntl.fcntl(fd, 4, os.O_ASYNC)
                    os.write(fd, b"")
                except OSError: pass
    return 0
""",
    "wrong crash",
)
attack(
    "results of two processes at once",
    FRAME
    + """
def f(x):
    os.fork()
    for n in range(999): frame(["returned", "", "x" * n])
""",
    "wrong forbidden crash",
)
attack(
    "an end of the pipe without an end of the process",
    "import os, time\ndef f(x): os.close(3); os.close(1); os.close(2); time.sleep(99)",
    "timeout",
)

# What Python calls on its way to a result.

attack(
    "a stream whose flush never ends",
    "import sys\nclass S:\n def write(s, t): pass\n def flush(s):\n  while 1: pass\n"
    "sys.stdout = S()\ndef f(x): return x",
    "timeout wrong",
)
attack(
    "a collector without end",
    "import gc\ndef g(*a):\n while 1: pass\ngc.callbacks.append(g)\n"
    "def f(x): return [[] for _ in range(10**5)]",
    "timeout wrong output",
)
attack(
    "a hook that sees what is compiled",
    "import sys\nseen = []\nsys.addaudithook(lambda *a: seen.append(a) or 1 / 0)\n"
    "def f(x): return x",
    "crash wrong",
)
attack(
    "a hook that ends the process",
    "import os, sys\nsys.addaudithook(lambda *a: os._exit(0))\ndef f(x): return x",
    "crash wrong",
)
attack(
    "a value that another thread changes",
    """
import threading
d = {}
def g():
    while True:
        for n in range(999): d[n] = [d.copy()] if n % 9 == 0 else 1
        d.clear()
threading.Thread(target=g, daemon=True).start()
def f(x): return [d] * 99
""",
)
attack(
    "one list many times",
    "def f(x): return [[0] * 100_000] * 100_000",
    "memory output",
)
attack("one text many times", "def f(x): return ['x' * 10**6] * 10**5", "memory output")
attack("bytes many times", "def f(x): return {n: b'x' * 10**6 for n in range(9)}", "output memory")
attack(
    "code that is none",
    "def f(x): pass\nf.__code__ = f.__code__.replace(co_code=bytes(range(2, 254)))",
    "crash wrong",
)
attack(
    "a tree too deep for the compiler",
    """
import ast
def f(x):
    tree = ast.Constant(1)
    for _ in range(10**5): tree = ast.UnaryOp(ast.USub(), tree)
    return compile(ast.fix_missing_locations(ast.Expression(tree)), "", "eval")
""",
    "crash memory",
)
attack(
    "an exit in each of many tests",
    "import os\ndef f(x): os._exit(x)",
    "crash",
    tests=tuple(f"f({n})" for n in range(30)),
)

# Files that are hard to remove.

attack(
    "folders of long names",
    "import os\ndef f(x):\n for n in range(60): os.mkdir('d' * 255); os.chdir('d' * 255)",
    "wrong",
)
attack(
    "one file under many names",
    "import os\nopen('/tmp/a', 'w').close()\n"
    "def f(x):\n for n in range(10**5): os.link('/tmp/a', f'/tmp/{n}')",
    "disk timeout crash",
)
attack(
    "a file that is sealed, leased and watched",
    LIBC
    + """
import fcntl
def f(x):
    fd = os.open("/tmp/a", os.O_RDWR | os.O_CREAT, 0)
    memory = os.memfd_create("m", os.MFD_ALLOW_SEALING)
    fcntl.fcntl(memory, 1033, 15)
    os.chmod("/tmp/a", 0o444); os.close(fd)
    fcntl.fcntl(os.open("/tmp/a", os.O_RDONLY), 1024, 0)
    libc.inotify_add_watch(libc.inotify_init(), b"/tmp/a", 0xFFF)
    return 0
""",
    "wrong crash forbidden",
)
attack(
    "times beyond all calendars",
    "import os\ndef f(x): open('/tmp/a', 'w').close(); os.utime('/tmp/a', ns=(2**62, -2**62))",
    "wrong",
)

# Sources that are larger than any may be.

attack("source: too large", "#" * 4_200_000 + "\ndef f(x): return 1", "too_large")
attack("source: too large in bytes alone", "#" + "é" * 2_100_000, "too_large")
attack("source: as large as it may be", "#" * (4 * 1024 * 1024), "crash")


# Walls.

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

wall(
    "users of other containers",
    LIBC
    + """
def f():
    found, own = [], os.getuid()
    for user in {60000, 0, 1, 1000, own - 1, own + 1, 0x70000000, *range(own - 99, own)}:
        for name in ("setuid", "setgid", "seteuid", "setegid"):
            try: getattr(os, name)(user); found.append([name, user])
            except OSError: pass
        if libc.setresuid(user, user, user) != -1: found.append(["setresuid", user])
        try: os.chown("/tmp/x", user, -1)
        except OSError: pass
        else: found.append(["chown", user])
    if os.getuid() != own: found.append("id")
    return found
""",
)
wall(
    "calls by the numbers of other machines",
    LIBC
    + """
import mmap, platform
def f():
    if platform.machine() != "x86_64": return []
    found = []
    def call(code):
        area = mmap.mmap(-1, 4096, prot=7)
        area.write(bytes.fromhex(code))
        address = ctypes.addressof(ctypes.c_char.from_buffer(area))
        return ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    for name, code in {
        "getpid of i386": "b814000000cd80c3",
        "socket of i386": "53bb02000000b901000000ba00000000b867010000cd805bc3",
    }.items():
        if (got := call(code)) != -1: found.append([name, got])
    for name, number in {"getpid of x32": 39, "socket of x32": 41}.items():
        if libc.syscall(number | 1 << 30, 2, 1, 0) != -1: found.append(name)
    if libc.syscall(41, ctypes.c_ulong(2 | 1 << 32), 1, 0) != -1: found.append("more than a number")
    if libc.syscall(41, 1, 1, 0) == -1: found.append("no socket of its own")
    return found
""",
)
wall(
    "ports, and counters of the network",
    """
def f():
    found = []
    for line in open("/proc/net/dev").read().splitlines()[2:]:
        name, counts = line.split(":")
        if any(map(int, counts.split())): found.append(line)
    for line in open("/proc/net/sockstat"):
        name, *counts = line.split()
        if name in ("TCP:", "UDP:", "RAW:") and int(counts[1]): found.append(line)
    for name in ("tcp", "tcp6", "udp", "udp6", "raw", "packet"):
        try: found += open(f"/proc/net/{name}").read().splitlines()[1:]
        except OSError: pass
    return found
""",
)
wall(
    "notes on the folders that stay",
    """
import os
def f():
    found = []
    for path in ("/tmp", "/dev/shm", "/dev", "/", "/proc/self", "/usr"):
        for name in ("user.note", "trusted.note", "security.note"):
            try: os.setxattr(path, name, b"x"); found.append([path, name])
            except OSError: pass
        try: found += os.listxattr(path)
        except OSError: pass
        try: os.chmod(path, 0o1777); found.append([path, "mode"])
        except OSError: pass
        try: os.rename(path, path + "x"); found.append([path, "name"])
        except OSError: pass
    return found
""",
)
wall(
    "keys, names and numbers that all processes share",
    LIBC
    + """
def f():
    found = []
    for path in ("/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname", "/proc/self/uid_map",
        "/proc/self/setgroups", "/proc/sys/kernel/pid_max", "/proc/sys/fs/file-max",
        "/proc/sys/fs/inotify/max_user_instances", "/proc/sys/net/core/somaxconn",
        "/proc/sys/kernel/random/uuid", "/proc/sys/user/max_user_namespaces"):
        try:
            with open(path, "w") as file: file.write("1")
            found.append(path)
        except OSError: pass
    if libc.personality(0x0020000) not in (-1, 0): found.append("personality")
    for number in (248, 249, 250):
        if libc.syscall(number, b"user", b"note", b"x", 1, -3) != -1: found.append(["key", number])
    return found
""",
)
