"""The page "Use it with ...", for the tests of the plugs, which run its lines as they stand."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "pages" / "use_it_with.md"


def lines(section: str, replaced: dict[str, str]) -> str:
    """The Python of a section, with what a reader would fill in: a model, an address, a length."""
    return _filled("\n".join(_blocks(section, "py")), replaced)


def commands(section: str, replaced: dict[str, str]) -> list[list[str]]:
    """The commands of a section, word by word."""
    text = _filled("".join(_blocks(section, "sh")), replaced)
    return [shlex.split(line) for line in text.replace("\\\n", "").splitlines()]


def run(code: str, folder: Path) -> str:
    """What the lines print, in a folder that has nothing of the project."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _blocks(section: str, language: str) -> list[str]:
    (text,) = re.findall(
        rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.DOTALL | re.MULTILINE
    )
    found = re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found, f"no ```{language} under {section}"
    return found


def _filled(text: str, replaced: dict[str, str]) -> str:
    for old, new in replaced.items():
        assert old in text, f"the page does not say {old!r}"
        text = text.replace(old, new)
    return text
