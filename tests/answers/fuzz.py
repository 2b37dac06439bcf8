r"""Coverage-guided fuzzing of the checker, with atheris.

    python -m tests.answers.fuzz --minutes 30 [--corpus DIR] [--findings DIR] [--seed N]
    python -m tests.answers.fuzz --replay FILE...

Fuzzes `extract_answer`, `check` against references of all types in all forms, and `Reference`
itself. A finding is a text for which

    raised      something other than `InvalidReference` comes out
    credit      an answer is correct although the rare mark of the reference does not occur in it
    slow        a call takes more than a second of processor time (measured again, without
                instrumentation)
    unstable    asking twice, or with a reference that is read anew, gives another verdict
    own text    a reference does not accept its own text
    crash-, timeout-, oom-    the process died of it, or took a minute or two gigabytes

Each is written to the folder of findings, with a `.why` beside it, and makes the exit status 1. The
corpus is kept: the next run goes on from it. In `credit`, an equal answer with other digits, such
as 1834/2 for 917, would be reported as well: look at it.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import random
import subprocess
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tests.clock import slowness

if TYPE_CHECKING:
    from reasoning_gym_envs.answers import Form, Reference, Verdict

# reasoning_gym_envs is imported inside of functions, so that atheris can instrument it before.

ROOT = Path(__file__).parent.parent.parent
INSTALL = "atheris is not installed; fuzzing alone needs it: python -m pip install atheris"
LONGEST = 2_000  # bytes of a text
TARGETS = 4  # references that a text is compared with
SLOW = 1.0  # seconds, and more on a slower machine
FORMS: tuple[Form, ...] = ("any", "value", "reduced", "expanded")

# A reference of every type, and the mark without which no answer to it can be right.
REFERENCES = (
    ("917", "917"),
    ("-917/4", "917"),
    ("0.917", "917"),
    (r"\sqrt{917}", "917"),
    (r"917\pi + e^{2}", "917"),
    ("x^2 - 917x + 1", "917"),
    (r"\frac{x}{y + 917}", "917"),
    (r"\{2, 917\}", "917"),
    ("(1, 917)", "917"),
    ("[1, 917)", "917"),
    (r"(-\infty, 2) \cup [917, \infty)", "917"),
    (r"\begin{pmatrix} 1 & 917 \\ x & 0 \end{pmatrix}", "917"),
    ("y = 917x + 2", "917"),
    (r"x \geq 917", "917"),
    (r"\text{turquoise}", "turquoise"),
)

SEEDS = r"""
917 | -917/4 | 0.917 | 91.7\% | 1,917 | 9{,}170 | 2\frac{1}{3} | 3 4/7 | .5 | 5. | 1e5
\frac{1}{2} | \dfrac{-3}{4} | \frac12 | \sqrt{12} | 2\sqrt[3]{4} | \sqrt2\sqrt6 | √917 | 2^{1/2}
\frac{1+\sqrt{5}}{2} | \frac{2}{\sqrt5-1} | 917π + e² | e^{2x} | \ln 2 | \log_{2} 8 | \sin^{2} x
\arctan(1) | \sin(\frac{\pi}{6}) | 5! | \binom{5}{2} | |x - 1| | \lfloor 2.5 \rfloor | 45^{\circ}
x^2 - 917x + 1 | (x-1)(x+1) | (a+b)^{3} | \frac{x^2-1}{x-1} | x_1 + x_{12} | 2x \cdot y^{-1}
\{2, 917\} | {917, 2} | \emptyset | (1, 917) | [1, 917) | (-\infty, 2) \cup [917, \infty)
\left[0, \frac{1}{2}\right] | 1, 2, 3 | (1,2),(3,4) | 2 \text{ or } 3 | x = 1, y = 2 | \pm 3
\begin{pmatrix} 1 & 917 \\ x & 0 \end{pmatrix} | [[1, 2], [3, 4]]
\begin{bmatrix} 1 \\ 2 \end{bmatrix} | (((((917))))) | 9^9^9^9 | -(-(-917)) | 3! | (3!)!
y = 917x + 2 | x \geq 917 | 1 < x \le 2 | x \in (1, 2) | x \neq 0 | 3 \text{ cm} | 12\% | \$5.00
\text{turquoise} | \text{Yes} | \mathrm{(B)} | 2 + 3i | \overline{AB} | 0.\overline{3} | 101_2
7 = 42 | 42 \text{ is wrong, it is } 917 | (9^9)^9 | 9^{9^{9}} | \frac{1}{1+\frac{1}{1+x}} | 1/0
\{x \in \mathbb{Z} \mid 0 < x < 917\} | 917k, k \in \mathbb{Z} | x = 917n (n \in Z)
]0, 917[ | [2, 917[ | x_2 = 917, x_1 = 3
\bigcup_{k} [2k, 2k + 917] | \{917k \mid k \in \mathbb{N}_0\} | x > 917, x \in \mathbb{R}
\lceil \frac{n}{917} \rceil | \max(x, 917 - |x|) | (-1)^{n} + 917 | \sqrt{(x - 917)^2}
<think>\boxed{1}</think>\boxed{917} | <answer>\boxed{917}</answer> | \boxed{\boxed{917}} | \boxed{}
"""

DICTIONARY = r"""
\frac{ \dfrac{ \frac12 \sqrt{ \sqrt[3]{ \left( \right) \left[ \right] \left\{ \right\} \{ \} \, \;
\! \  \quad ~ $ \( \) \[ \] \cdot \times \div / \pm \mp \pi \infty \emptyset \varnothing \cup \cap
\setminus \in \notin \le \leq \ge \geq \ne \neq \lt \gt \approx \equiv \sim \to \% \$ \circ ^{\circ}
\text{ \mathrm{ \mathbb{R} \mathbf{ \operatorname{ \textbf{ \mbox{ \begin{pmatrix} \end{pmatrix}
\begin{bmatrix} \end{bmatrix} \begin{matrix} \end{matrix} \begin{cases} \end{cases} \begin{vmatrix}
\begin{array}{cc} \end{array} & \\ \sin \cos \tan \cot \sec \csc \arcsin \arccos \arctan \sinh \cosh
\tanh \ln \log \log_{ \exp \lg \max \min \gcd \lfloor \rfloor \lceil \rceil \lvert \rvert | \binom{
\overline{ \dot{ \bar{ \vec{ \hat{ \alpha \theta \lambda ! % ^ ^{ _ _{ } { ( ) [ ] , ; : = < > <= >=
!= + - * ** . ... ' " ° − – × · ÷ ⁄ √ ∛ π ∞ ∅ ∪ ∩ ∈ ≤ ≥ ≠ ² ³ ⁻¹ ½ i e x y z U or and inf infinity
sqrt( sqrt pi sin( log( \boxed{ \fbox{ <think> </think> <answer> </answer> {,} ,\! 1e5 0x 917
turquoise cm kg km/h hours degrees dollars percent \text{cm} \text{ or } \text{ and }
"""

_Result = TypeVar("_Result")


class Finding(Exception):
    """What must not happen: its kind, and where or with what it happened."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(f"{kind}: {what}")
        self.kind = kind
        self.what = what


class _Target(NamedTuple):
    reference: Reference
    mark: str


def examine(text: str) -> None:
    """Give a text to the checker as answer, response and reference; raise a `Finding`."""
    from reasoning_gym_envs.answers import InvalidReference, Reference, extract_answer

    # The text decides with what it is compared: all of it would take four times as long.
    draw = random.Random(zlib.crc32(text.encode("utf-8", "surrogatepass")))
    form = draw.choice(FORMS)
    boxed = f"\\boxed{{{text}}}"
    answer = _timed("extract_answer", lambda: (extract_answer(text), extract_answer(boxed)))[1]

    targets = draw.sample(_targets(form), TARGETS)
    for target in targets:
        _examine_verdict(boxed, target)
    kept = targets[0].reference
    anew = Reference(kept.text, form)
    for response in (text, boxed):
        first = _examine_verdict(response, targets[0])
        for again in (kept.check(response), anew.check(response), anew.check(response)):
            if again != first:
                raise Finding("unstable", f"{kept!r}: {first} and then {again}")

    try:
        reference = _timed("Reference", lambda: Reference(text, form))
    except InvalidReference:
        return
    verdict = _timed("check of its own text", lambda: reference.check(boxed))
    if answer == text.strip() and reference.has_own_form and not verdict.correct:
        raise Finding("own text", f"form {form}: {verdict}")


@functools.cache
def _targets(form: Form) -> list[_Target]:
    from reasoning_gym_envs.answers import Reference

    return [_Target(Reference(text, form), mark) for text, mark in REFERENCES]


def _examine_verdict(response: str, target: _Target) -> Verdict:
    verdict = _timed(repr(target.reference), lambda: target.reference.check(response))
    _timed("reading", lambda: verdict.reading)
    written = (verdict.answer or "").casefold().replace(".", "").replace(",", "")  # 91.7%
    if verdict.correct and target.mark not in written:
        raise Finding("credit", f"{target.reference!r}: {verdict}")
    return verdict


def _timed(what: str, call: Callable[[], _Result]) -> _Result:
    start = time.process_time()
    result = call()
    if (spent := time.process_time() - start) > SLOW and spent > SLOW * slowness():
        raise Finding("slow", what)
    return result


def find(data: bytes) -> tuple[str, str, str] | None:
    """Examine a text given as bytes; returns kind, place and description of a finding."""
    # Bytes that are no UTF-8 become surrogates, which the checker has to bear as well.
    text = data.decode("utf-8", errors="surrogateescape")
    try:
        examine(text)
    except Finding as finding:
        return finding.kind, finding.what.partition(":")[0], str(finding)
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} {Path(frame.filename).name}:{frame.lineno}"
        return "raised", place, traceback.format_exc()
    return None


def record(data: bytes, folder: Path) -> None:
    """Write a finding into the folder; of each kind and place, the shortest text stays."""
    found = find(data)
    if found is None:
        return
    kind, place, description = found
    key = hashlib.sha256(f"{kind} {place}".encode("utf-8", "replace")).hexdigest()[:12]
    path = folder / f"{kind.replace(' ', '-')}-{key}"
    if not path.exists() or path.stat().st_size > len(data):
        path.write_bytes(data)
        why = path.with_suffix(".why")
        why.write_text(f"{description}\n", encoding="utf-8", errors="backslashreplace")


# The process that fuzzes.


def fuzz(findings: Path, arguments: list[str]) -> None:
    """Run libFuzzer, which ends the process when its time is up."""
    import atheris  # type: ignore[import-untyped]

    with atheris.instrument_imports(include=["reasoning_gym_envs.answers"]):
        import reasoning_gym_envs.answers  # noqa: F401

    # A finding is written down here and not raised: libFuzzer would stop at the first.
    atheris.Setup([sys.argv[0], *arguments], functools.partial(record, folder=findings))
    atheris.Fuzz()


# The process that starts it, again where it died, and confirms what it found.


def run(seconds: float, corpus: Path, findings: Path, seed: int) -> None:
    """Fuzz for so long, in processes of its own."""
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    for text in seeds():
        data = text.encode()
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        dictionary = Path(folder) / "latex.dict"
        dictionary.write_text(libfuzzer_dictionary(DICTIONARY.split()), encoding="ascii")
        while (left := int(end - time.monotonic())) > 0:
            begun = time.monotonic()
            finished = subprocess.run(
                [
                    *(sys.executable, "-m", "tests.answers.fuzz", "--child", str(findings)),
                    f"-max_total_time={left}",
                    f"-dict={dictionary}",
                    *(f"-max_len={LONGEST}", "-len_control=10"),
                    f"-seed={seed}",
                    f"-artifact_prefix={findings}/",
                    *("-timeout=60", "-rss_limit_mb=2048", "-print_final_stats=1"),
                    str(corpus),
                ],
                cwd=ROOT,
            )
            if finished.returncode and time.monotonic() - begun < 5:
                raise SystemExit(f"the fuzzer ended at once, with status {finished.returncode}")
            seed += 1  # after a death, not the same way again


def seeds() -> list[str]:
    """The answers to begin with: those of the list above and every reference."""
    listed = [text.strip() for line in SEEDS.splitlines() for text in line.split(" | ")]
    return [text for text in listed if text] + [text for text, _ in REFERENCES]


def libfuzzer_dictionary(words: Iterable[str]) -> str:
    r"""Write a dictionary in libFuzzer's format: bytes that are not plain ASCII as \xAB."""
    lines = []
    for word in words:
        plain = (
            chr(b) if 32 <= b < 127 and b not in b'\\"' else f"\\x{b:02X}" for b in word.encode()
        )
        lines.append(f'"{"".join(plain)}"\n')
    return "".join(lines)


def confirm(paths: Iterable[Path]) -> bool:
    """Examine files again, each in a fresh process without instrumentation; say what holds."""
    holds = False
    for path in sorted(paths):
        command = [sys.executable, "-m", "tests.answers.fuzz", "--examine", str(path.resolve())]
        try:
            finished = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60)
            status, output = finished.returncode, finished.stdout + finished.stderr
        except subprocess.TimeoutExpired:
            status, output = 1, b"it takes more than a minute\n"
        holds = holds or status != 0
        print(f"\n== {path} {'holds' if status else 'does not hold without instrumentation'}")
        print(ascii(path.read_bytes()[:200].decode("utf-8", errors="surrogateescape")))
        print(output.decode("utf-8", errors="replace")[-2_000:])
    return holds


def main() -> int:
    """Read the command line; returns the exit status: 1 where something was found."""
    if sys.argv[1:2] == ["--child"]:
        fuzz(Path(sys.argv[2]), sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser(
        prog="python -m tests.answers.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=30, help="how long (%(default)s)")
    parser.add_argument("--corpus", type=Path, default=Path("runs/fuzz/corpus"), help="%(default)s")
    parser.add_argument(
        "--findings", type=Path, default=Path("runs/fuzz/findings"), help="%(default)s"
    )
    parser.add_argument("--seed", type=int, default=1, help="of libFuzzer (%(default)s)")
    parser.add_argument("--replay", type=Path, nargs="+", metavar="FILE", help="examine these only")
    parser.add_argument("--examine", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.examine:
        found = find(options.examine.read_bytes())
        print(found[2] if found else "nothing is wrong")
        return 1 if found else 0
    if options.replay:
        return int(confirm(options.replay))
    try:
        import atheris  # noqa: F401
    except ImportError:
        print(INSTALL, file=sys.stderr)
        return 2
    run(60 * options.minutes, options.corpus.resolve(), options.findings.resolve(), options.seed)
    texts = [path for path in options.findings.iterdir() if path.suffix != ".why"]
    print(f"\n{len(texts)} findings in {options.findings}")
    return int(confirm(texts))


if __name__ == "__main__":
    sys.exit(main())
