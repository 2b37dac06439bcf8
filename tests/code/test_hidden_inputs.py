"""Over many turns, whatever a program does, nothing of a hidden input comes out.

Two episodes have the same examples and other hidden inputs. The same programs, each of which ends
every test alike but tells all that it sees in every way there is, are told the same in both.
"""

import textwrap

import pytest

from reasoning_gym_envs.code.code_function import _ERRORS, _FAILURES, CodeFunction
from reasoning_gym_envs.code.problems import CodeTask
from reasoning_gym_envs.problems import Problem
from reasoning_gym_envs.sandbox import Test
from tests.sandbox.engine import needs_engine

pytestmark = needs_engine

EXAMPLES = (1001, 1002)
HIDDEN = ([20_011, 20_022, 20_033], [3_111_111_111, 3_222_222_222, 3_333_333_333])
TURNS = 3

# Finds the text of the tests wherever the process has it, before they are run and in them.
SEARCH = """
import gc, os, sys
def found():
    frame, seen = sys._getframe(), []
    while frame:
        seen += [v for v in frame.f_locals.values() if isinstance(v, (str, dict, list, bytes))]
        frame = frame.f_back
    seen += [v for v in gc.get_objects() if isinstance(v, dict) and "tests" in v]
    return repr(seen)[:50_000].encode("ascii", "replace").decode()
"""
NOTES = """
import glob, os
def note(text):
    for folder in ("/tmp", "/dev/shm"):
        with open(f"{folder}/note-{os.getpid()}", "a") as file: file.write(text)
def noted():
    return "".join(open(path).read() for path in sorted(glob.glob("/[td]*/*/note*")
        + glob.glob("/tmp/note*")))
"""
FRAME = """
import json, os
def frame(*data):
    data = json.dumps(data).encode()
    os.write(3, len(data).to_bytes(4, "big") + data)
"""

CALLS = {
    "a message": "def double(n): raise ValueError(n)",
    "a name of an error": "def double(n): raise type(f'N{n}', (Exception,), {})(n)",
    "the output": "def double(n): print(n, flush=True); os",
    "an exit": "def double(n): raise SystemExit(n)",
    "an exit while it is loaded": f"{SEARCH}raise SystemExit(found())\ndef double(n): pass",
    "an error while it is loaded": f"{SEARCH}raise ValueError(found())\ndef double(n): pass",
    "a syntax error while it is loaded": f"{SEARCH}compile(found() + ' (', found(), 'exec')",
    "a syntax error": f"{SEARCH}def double(n): eval(found() + ' (')",
    "the first input, in every message": """
        seen = []
        def double(n): seen.append(n); raise ValueError(seen[0])
    """,
    "the first input, in a file": f"""{NOTES}
def double(n):
    note(str(n))
    raise ValueError(noted()[:40])
""",
    "all inputs, in a file": f"{NOTES}{SEARCH}note(found())\nraise ValueError(noted())",
    "an error of memory": "def double(n): raise MemoryError(n)",
    "an error of a file": "def double(n): raise PermissionError(13, f'n {n}')",
    "a status of its own": f"{FRAME}def double(n): frame('syntax', str(n), None); os._exit(0)",
    "missing": f"{FRAME}def double(n): frame('missing', f'no {{n}}', None); os._exit(0)",
    "forbidden": f"{FRAME}def double(n): frame('forbidden', str(n), None); os._exit(0)",
    "no status": f"{FRAME}def double(n): frame(str(n), str(n), None); os._exit(0)",
    "a status before it is loaded": f"{FRAME}{SEARCH}frame('crash', found(), None); os._exit(0)",
    "a process that stays": f"""{NOTES}
import time
def double(n):
    note(str(n))
    if not os.fork():
        os.setsid()
        while True:
            note(str(n))
            time.sleep(0.001)
    raise ValueError(sorted(set(noted())))
""",
}
PROGRAMS = {
    "a message": "raise ValueError(input())",
    "the output": "print(input())\nraise ValueError",
    "the other output": "import sys\nsys.exit(input())",
    "a syntax error": "compile(input() + ' (', 'x', 'exec')",
    "a status of its own": f"{FRAME}frame('syntax', input(), None)",
    "a file": f"{NOTES}note(input())\nraise ValueError(noted()[:30])",
    "all inputs": f"{SEARCH}raise ValueError(found())",
    "a wrong answer": "print('wrong', input())",
}


def problem(kind, with_examples, hidden):
    def test(n):
        return Test(f"double({n})", 2 * n) if kind == "calls" else Test(f"{n}\n", f"{2 * n}\n")

    data = CodeTask(
        name="double" if kind == "calls" else "",
        signature="",
        examples=tuple(map(test, EXAMPLES)) if with_examples else (),
        hidden=tuple((test(n),) for n in hidden),
        kind=kind,
    )
    return Problem("double", 1, "Double it.", "", topic="double", data=data)


def told(programs, kind, with_examples, hidden):
    """What is told of the programs, one a turn, some turns in a row."""
    env = CodeFunction(max_turns=100)
    observation, _ = env.reset(options={"problem": problem(kind, with_examples, hidden)})
    observations = [observation]
    for program in programs:
        for _ in range(TURNS):
            observation, reward, _, _, info = env.step(f"```python\n{program}\n```")
            assert reward == info["tests_passed"] == 0
            observations.append(f"{observation} {info['status']}")
    return observations


@pytest.mark.parametrize("with_examples", [True, False], ids=["examples", "no examples"])
@pytest.mark.parametrize("kind", ["calls", "programs"])
def test_nothing_of_hidden_inputs_is_told_over_turns(kind, with_examples):
    programs = CALLS if kind == "calls" else PROGRAMS
    texts = [textwrap.dedent(program) for program in programs.values()]
    one, other = (told(texts, kind, with_examples, hidden) for hidden in HIDDEN)
    for n, (here, there) in enumerate(zip(one, other, strict=True)):
        name = list(programs)[max(0, n - 1) // TURNS]
        assert here == there, name
        assert not any(str(number) in here for number in HIDDEN[0]), name


def test_what_is_told_is_how_the_first_failed_and_how_many_passed():
    """The few words that a program may choose between."""
    seen = set()
    for error in ("KeyError", "NoError", "print", "Exception('1')"):
        program = f"def double(n): raise {error}" if error[0] != "p" else "def double(n): 1 / 0"
        seen.update(told([program], "calls", False, HIDDEN[0])[1:])
    words = {f"runtime error ({name})" for name in _ERRORS} | set(_FAILURES.values())
    for text in seen:
        ending = text.split("\n")[1].partition(": ")[2].partition(".")[0]
        assert ending in words, text


def test_an_agent_is_told_what_its_program_says_of_examples():
    program = "def double(n): raise ValueError(f'{n} is odd')"
    text = told([program], "calls", True, HIDDEN[0])[1]
    assert "got runtime error: ValueError: 1001 is odd (line 1)" in text
    for source, says in (
        ("def double(n) return 1", "All tests: SyntaxError: expected ':' (line 1)"),
        ("import nothing", "All tests: runtime error: on loading, ModuleNotFoundError"),
        ("def half(n): return 1", "All tests: double is not defined"),
    ):
        for with_examples in (True, False):
            assert says in told([source], "calls", with_examples, HIDDEN[0])[1]
    text = told(["print(1"], "programs", False, HIDDEN[0])[1]
    assert "All tests: SyntaxError: '(' was never closed (line 1)" in text
