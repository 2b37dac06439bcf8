"""The files that hosts and tools read: they say what they must, and what is so."""

import re
from pathlib import Path

import yaml

import reasoning_gym_envs

ROOT = Path(__file__).parent.parent


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    for required in ("cff-version", "title", "message", "authors"):
        assert citation[required]
    assert citation["version"] == reasoning_gym_envs.__version__


def test_the_hooks_are_tools_that_ci_runs():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"].split()[0] for repo in hooks["repos"] for hook in repo["hooks"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert entries
    for entry in entries:
        assert f"$(BIN)/{Path(entry).name}" in makefile


def test_the_changelog_begins_with_what_is_not_released_or_with_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## \[?([^\]\n]+)", text, re.MULTILINE)[1]
    assert first in ("Unreleased", reasoning_gym_envs.__version__)
