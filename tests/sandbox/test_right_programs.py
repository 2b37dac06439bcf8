"""Right programs that do odd things, as people and models write them: each is paid."""

import textwrap

import pytest

from reasoning_gym_envs.sandbox import DockerSandbox, Limits, Test, judge
from tests.sandbox.engine import needs_engine

pytestmark = needs_engine

PATIENT = Limits(seconds=20, wall_seconds=60, total_seconds=120)
TEMPLATE = """
import sys, threading
def main():
    def depth(n): return n and 1 + depth(n - 1)
    print(depth(50_000) // 50_000 + 6)
sys.setrecursionlimit(10**6)
threading.stack_size(STACK)
thread = threading.Thread(target=main)
thread.start()
thread.join()
"""

# Each reads "3 4", or does not, and prints 7.
PROGRAMS = {
    # Ways to end.
    "exit()": "print(7)\nexit()\nprint(8)",
    "quit()": "print(7)\nquit()",
    "exit(0)": "print(7)\nexit(0)",
    "sys.exit()": "import sys\nprint(7)\nsys.exit()",
    "exit in a function": "def main():\n    print(7)\n    exit()\nmain()",
    "an exit that a signal asks for": """
        import signal
        signal.signal(signal.SIGALRM, lambda *_: print(7) or exit())
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        while True: signal.pause()
    """,
    "os._exit after a flush": "import os\nprint(7, flush=True)\nos._exit(0)",
    # Ways to print.
    "sys.__stdout__": "import sys\nsys.__stdout__.write('7')",
    "sys.__stdout__ beside another": """
        import io, sys
        sys.stdout = io.StringIO()
        print(8)
        sys.__stdout__.write("7")
    """,
    "sys.stdout put back": """
        import io, sys
        sys.stdout = io.StringIO()
        print(8)
        sys.stdout = sys.__stdout__
        print(7)
    """,
    "redirect_stdout": """
        import contextlib, io
        with contextlib.redirect_stdout(io.StringIO()): print(8)
        print(7)
    """,
    "open(1, 'w')": "file = open(1, 'w')\nfile.write('7')",
    "open(1, 'w') in a function": "def main():\n    open(1, 'w').write('7')\nmain()",
    "open(1, 'w') before exit": "import sys\nfile = open(1, 'w')\nfile.write('7')\nsys.exit()",
    "print to open(1, 'w')": "print(7, file=open(1, 'w'))",
    "open(1, 'w') as sys.stdout": "import sys\nsys.stdout = open(1, 'w', closefd=False)\nprint(7)",
    "open(1, 'wb')": "file = open(1, 'wb')\nfile.write(b'7')",
    "open(1, 'w') in a class": "class Output:\n    file = open(1, 'w')\nOutput.file.write('7')",
    "open(1, 'w') in a cycle": """
        class Output: pass
        output = Output()
        output.self, output.file = output, open(1, "w")
        output.file.write("7")
    """,
    "a print of its own": """
        import builtins, functools
        builtins.print = functools.partial(print, file=open(1, "w"))
        print(7)
    """,
    "os.write": "import os\nos.write(1, b'7')",
    "os.fdopen": "import os\nfile = os.fdopen(os.dup(1), 'w')\nfile.write('7')",
    "sys.stdout.buffer": "import sys\nsys.stdout.buffer.write(b'7')",
    "a buffer as sys.stdout": """
        import io, sys
        sys.stdout = io.BufferedWriter(io.FileIO(1, "w"))
        sys.stdout.write(b"7")
    """,
    "a class as sys.stdout": """
        import os, sys
        class Output:
            def __init__(self): self.parts = []
            def write(self, text): self.parts.append(text)
            def flush(self):
                os.write(1, "".join(self.parts).encode())
                self.parts.clear()
        sys.stdout = Output()
        print(7)
    """,
    "reconfigured": "import sys\nsys.stdout.reconfigure(line_buffering=True)\nprint(7)",
    "/dev/stdout": "open('/dev/stdout', 'w').write('7')",
    "/proc/self/fd/1": "open('/proc/self/fd/1', 'w').write('7')",
    "last words": "class A:\n    def __del__(self): print(7)\na = A()",
    "last words in a cycle": "class A:\n    def __del__(self): print(7)\na = A()\na.a = a",
    "atexit": "import atexit\natexit.register(print, 7)",
    "atexit after exit": "import atexit\natexit.register(print, 7)\nexit()",
    # Ways to read.
    "open(0)": "print(sum(map(int, open(0).read().split())))",
    "/dev/stdin": "print(sum(map(int, open('/dev/stdin').read().split())))",
    "sys.stdin.buffer": "import sys\nprint(sum(map(int, sys.stdin.buffer.readline().split())))",
    "os.read": "import os\nprint(sum(map(int, os.read(0, 100).split())))",
    "mmap": "import mmap\nprint(sum(map(int, mmap.mmap(0, 0, prot=mmap.PROT_READ)[:].split())))",
    "fileinput": "import fileinput\nprint(sum(map(int, next(iter(fileinput.input())).split())))",
    # Threads.
    "a stack of 64 MB": TEMPLATE.replace("STACK", "2**26"),
    "a stack of 128 MB": TEMPLATE.replace("STACK", "2**27"),
    "a stack of 256 MB": TEMPLATE.replace("STACK", "2**28"),
    "a stack of 512 MB": TEMPLATE.replace("STACK", "512 * 1024 * 1024"),
    "a stack through _thread": """
        import _thread, time
        _thread.stack_size(2**27)
        done = []
        _thread.start_new_thread(lambda: done.append(print(7)), ())
        while not done: time.sleep(0.01)
    """,
    "deep recursion of the main thread": """
        import sys
        sys.setrecursionlimit(10**6)
        def depth(n): return n and 1 + depth(n - 1)
        print(depth(50_000) // 50_000 + 6)
    """,
    "a thread that outlives the program": """
        import threading, time
        threading.Thread(target=lambda: time.sleep(0.05) or print(7)).start()
    """,
    "an executor that is left open": """
        from concurrent.futures import ThreadPoolExecutor
        ThreadPoolExecutor(2).submit(print, 7)
    """,
    "32 threads": """
        import threading
        from concurrent.futures import ThreadPoolExecutor
        together = threading.Barrier(32)
        with ThreadPoolExecutor(32) as threads:
            print(sum(threads.map(lambda _: together.wait() >= 0, range(32))) - 25)
    """,
    "asyncio": "import asyncio\nasync def main(): print(7)\nasyncio.run(main())",
    # Processes.
    "a lock": "import multiprocessing\nwith multiprocessing.Lock(): print(7)",
    "a queue": """
        import multiprocessing
        queue = multiprocessing.Queue()
        multiprocessing.Process(target=queue.put, args=(7,)).start()
        print(queue.get())
    """,
    "a pool": """
        import multiprocessing
        def double(x): return 2 * x
        with multiprocessing.Pool(2) as pool: print(pool.map(double, [3.5])[0] + 0 == 7 and 7)
    """,
    "a pool of threads": """
        from multiprocessing.pool import ThreadPool
        with ThreadPool(2) as pool: print(pool.map(int, ["7"])[0])
    """,
    "an executor of processes": """
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(2) as processes: print(*processes.map(int, ["7"]))
    """,
    "a shared value": """
        import multiprocessing
        value = multiprocessing.Value("i", 6)
        def add():
            with value.get_lock(): value.value += 1
        process = multiprocessing.Process(target=add)
        process.start()
        process.join()
        print(value.value)
    """,
    "shared memory": """
        from multiprocessing.shared_memory import SharedMemory
        memory = SharedMemory(create=True, size=1)
        memory.buf[0] = 7
        print(memory.buf[0])
        memory.close()
        memory.unlink()
    """,
    "a manager": "import multiprocessing\nprint(multiprocessing.Manager().list([7])[0])",
    "another Python": """
        import subprocess, sys
        command = [sys.executable, "-c", "print(7)"]
        print(subprocess.run(command, capture_output=True, text=True).stdout)
    """,
    # What a program finds.
    "__file__": "import os\nprint(7 if os.path.abspath(__file__).endswith('.py') else 0)",
    "__builtins__": "max = 3\nprint(__builtins__.max(max, 7))",
    "__main__": "import __main__\nx = 7\nprint(__main__.x)",
    "__doc__": "'7'\nprint(__doc__)",
    "__name__": "if __name__ == '__main__':\n    print(7)",
    "inspect.getsource": """
        import inspect
        def seven(): return 7
        print(7 if inspect.getsource(seven) == "def seven(): return 7\\n" else 0)
    """,
    "help": """
        import contextlib, io
        with contextlib.redirect_stdout(io.StringIO()) as text: help(len)
        print(7 if "len(" in text.getvalue() else 0)
    """,
    "a traceback": """
        import traceback
        try:
            seven = 1 / 0
        except ZeroDivisionError:
            print(7 if "seven = 1 / 0" in traceback.format_exc() else 0)
    """,
    "pickle": "import pickle\nclass A: x = 7\nprint(pickle.loads(pickle.dumps(A())).x)",
    "a dataclass": """
        from __future__ import annotations
        from dataclasses import dataclass
        @dataclass(slots=True)
        class A:
            x: int
        print(A(7).x)
    """,
}


@pytest.fixture(scope="module")
def sandbox():
    with DockerSandbox(boxes=1) as sandbox:
        yield sandbox


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_right_program_is_right(sandbox, name):
    tests = [Test("3 4\n", "7"), Test("3 4", "7")]
    source = textwrap.dedent(PROGRAMS[name])
    verdict = judge(sandbox, source, tests, kind="programs", limits=PATIENT)
    assert verdict.status == "passed", verdict


@pytest.mark.parametrize(
    ("program", "status", "message"),
    [
        ("print(7)\nexit(1)", "crash", "it exited with status 1"),
        ("print(7)\nexit('no')", "crash", "it exited with status 1"),
        ("print(7)\nquit(256 + 3)", "crash", "it exited with status 3"),
        ("print(7)\nraise KeyError", "crash", "KeyError"),
        ("file = open(1, 'w')\nfile.write('8')", "wrong", ""),
        ("def main():\n    print(7)\n    main()\nmain()", "crash", "RecursionError"),
    ],
)
def test_a_wrong_end_is_wrong(sandbox, program, status, message):
    verdict = judge(sandbox, program, [Test("", "7")], kind="programs", limits=PATIENT)
    assert verdict.status == status
    assert message in verdict.outcomes[0].message


# Calls.

MEDIAN = "def median(xs): return sorted(xs)[len(xs) // 2]\n"
NEIGHBOURS = {
    "exit()": "exit()",
    "quit()": "quit()",
    "sys.exit(0)": "import sys\nsys.exit(0)",
    "an example, then an exit": "print(median([1]))\nraise SystemExit",
    "a list": "list = [3, 1, 2]",
    "a dict": "dict = {'a': 1}\nset = tuple = str = int = sorted_list = 0",
    "a name of the tests": "s = math = copy = 3",
    "builtins of its own": "def __import__(*_): raise ImportError\nmap = filter = None",
    "other builtins": "import builtins\nbuiltins.map = builtins.sorted_list = None",
    "a helper of the same name": "def at_most(limit, values): return None",
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_what_stands_beside_a_function_changes_no_test(sandbox, name):
    setup = "import math\ndef at_most(limit, values): return [v for v in values if v <= limit]"
    tests = [
        Test("median([3, 1, 2])", 2),
        Test("list(map(median, [[1], [2, 2]]))", [1, 2]),
        Test("__import__('copy').deepcopy(median([[5]]))", [5]),
        Test("dict([(str(int(n)), median([n])) for n in sorted({2, 1})])", {"1": 1, "2": 2}),
        Test("[s := median, s([4, 3, 5])][1:]", [4]),
        Test("median(at_most(math.inf, (7,)))", 7),
    ]
    verdict = judge(
        sandbox,
        MEDIAN + NEIGHBOURS[name],
        tests,
        requires=("median",),
        setup=setup,
        limits=PATIENT,
    )
    assert verdict.passed == (True,) * 6, verdict


def test_a_program_finds_its_own_names(sandbox):
    stack = """
        s = []
        list = 3
        class Stack:
            def push(self, x):
                s.append(x + list)
            def all(self):
                return s
    """
    test = Test("[s := Stack(), s.push(1), s.push(2), s.all()][1:]", [None, None, [4, 5]])
    source = textwrap.dedent(stack)
    assert judge(sandbox, source, [test], requires=("Stack",)).status == "passed"
    # What is tested may have the name of a builtin; where nothing is named, anything may.
    source = "def sum(a, b): return 10 * a + b\ndef f(x): return sum(x, x)"
    for requires in (("sum", "f"), ()):
        tests = [Test("sum(1, 2)", 12), Test("f(3)", 33)]
        assert judge(sandbox, source, tests, requires=requires).status == "passed"
    # What is not named, and is no builtin, is the program's as well.
    tests = [Test("f(helper(1))", 4)]
    source = "def helper(x): return x + 1\ndef f(x): return 2 * x"
    assert judge(sandbox, source, tests, requires=("f",)).status == "passed"


def test_a_setup_stands_before_the_program(sandbox):
    setup = "from typing import List\nLIMIT = 3\n"
    source = (
        "from __future__ import annotations\n"
        "def f(x: List[int]) -> int: return min(LIMIT, x[0])\n"
        "def g(): return 1 / 0\n"
    )
    tests = [Test("f([2])", 2), Test("f([4])", 3), Test("g()", 0)]
    verdict = judge(sandbox, source, tests, requires=("f",), setup=setup)
    assert verdict.statuses == ("passed", "passed", "crash")
    assert "(line 3)" in verdict.outcomes[2].message  # of the program, which the agent has written
    program = "print(min(LIMIT, int(input())))"
    verdict = judge(sandbox, program, [Test("5", "3")], kind="programs", setup=setup)
    assert verdict.status == "passed"


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("exit(1)\ndef f(x): return x", "crash"),
        ("def f(x): return x\nexit(1)", "crash"),
        ("def f(x): return x\nraise SystemExit('no')", "crash"),
        ("exit()\ndef f(x): return x", "missing"),
        ("def f(x): exit()", "crash"),
        ("def f(x): raise SystemExit", "crash"),
    ],
)
def test_an_exit_is_no_result(sandbox, source, status):
    verdict = judge(sandbox, source, [Test("f(1)", 1), Test("f(2)", None)], requires=("f",))
    assert verdict.statuses == (status, status)
