"""What importing the checker may load, and that the common case stays off the slow path."""

import subprocess
import sys

from reasoning_gym_envs.answers import Reference, parser


def test_importing_the_checker_loads_the_standard_library_only() -> None:
    program = (
        "import sys, gymnasium; before = set(sys.modules); import reasoning_gym_envs.answers; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before} "
        "& {'sympy', 'torch', 'mpmath', 'transformers', 'docker', 'matplotlib'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_plain_numbers_are_checked_without_the_parser(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    references = [Reference("123"), Reference("0.75", form="reduced"), Reference("-3/4")]
    monkeypatch.setattr(parser, "_Parser", None)
    for reference in references:
        for answer in ("123", "-4", "0.75", "3/4", r"\frac{3}{4}", r"-\dfrac{3}{4}", "−3/4", "6/8"):
            assert reference.check(f"\\boxed{{{answer}}}").status in (
                "correct",
                "wrong",
                "wrong_form",
            )
