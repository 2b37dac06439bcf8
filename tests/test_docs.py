"""The documentation is true: its code runs, its commands exist, what is generated is current."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from docs.generate import generated, out_of_date
from tests.sandbox.engine import missing_engine

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs" / "pages").rglob("*.md")),
]


def blocks(language):
    """The blocks of code in a language, page by page."""
    pages = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found = re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
        if found:
            pages.append(pytest.param(found, id=str(page.relative_to(ROOT))))
    return pages


@pytest.mark.parametrize("code", blocks("python"))
def test_examples_run(code, tmp_path):
    if missing_engine():  # what needs one is left out
        code = [block for block in code if not re.search("CodeFunction|CodeRepair|Docker", block)]
    finished = subprocess.run(
        [sys.executable, "-c", "\n".join(code)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # the agents run from a checkout
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr


def transcript(text):
    """A page with everything but its ```pycon blocks made blank: what doctest is to read."""
    lines, is_inside = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            is_inside = line == "```pycon"
        lines.append(line if is_inside and not line.startswith("```") else "")
    return "\n".join(lines) + "\n"


def failures(text, name):
    """What doctest says of the examples of a page, whose blocks share their names; and how many."""
    test = doctest.DocTestParser().get_doctest(transcript(text), {}, name, name, 0)
    said = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    return "".join(said), len(test.examples)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_print_what_they_show(page):
    text = page.read_text(encoding="utf-8")
    said, count = failures(text, page.name)
    assert not said, said
    assert count == len(re.findall(r"^>>> ", text, flags=re.MULTILINE)), "a prompt not in ```pycon"


@pytest.mark.parametrize("output", ["False", "", "True\nTrue", "'True'"])
def test_an_example_that_shows_something_else_is_found(output):
    page = "Two:\n\n```pycon\n>>> n = 2\n```\n\nIs it?\n\n```pycon\n>>> n == 2\n{}\n```\n"
    assert failures(page.format("True"), "page.md") == ("", 2)
    said, _ = failures(page.format(output), "page.md")
    assert 'File "page.md", line 10' in said


COMMANDS = sorted(
    {
        line.split("#")[0].strip()
        for block in blocks("bash")
        for text in block.values[0]
        for whole in text.replace("\\\n", " ").splitlines()
        if not whole.startswith("#")
        for line in whole.split("&&")
        if line.strip()
    }
)


FILES = {
    named[1]: block
    for page in blocks("python")
    for block in page.values[0]
    if (named := re.match(r"# (\w+)\.py\n", block))
}
"""What the pages say to put into modules."""


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_exist(command, capsys, tmp_path):
    """make targets are there, modules take their arguments; CI itself runs make test and pip."""
    launched = re.fullmatch(r"torchrun (.* )?-m baselines (.*)", command)
    command = f"python -m baselines {launched[2]}" if launched else command
    python = re.compile(r"(\.venv/bin/)?python3?")
    words = [
        sys.executable if python.fullmatch(w) else w
        for w in shlex.split(command.partition(" > ")[0])
    ]
    if words[0] == "make":
        check = ["make", "-n", *words[1:]]
    elif words[:2] == ["jupyter", "notebook"]:  # a server; tests/test_notebooks.py runs the cells
        assert list((ROOT / words[2]).glob("*.ipynb"))
        return
    elif words[0] == "pip" or words[1:3] in (["-m", "pip"], ["-m", "venv"]):
        return
    elif words[0] in (".venv/bin/ruff", ".venv/bin/mypy"):
        check = [sys.executable, "-m", Path(words[0]).name, "--version"]
    elif words[1:3] == ["-m", "pytest"]:
        check = [*words[:3], "--collect-only", "-q", "tests/test_spaces.py"]
    elif words[:2] == ["reasoning-gym-envs", "sandbox"]:  # tests/cli run them
        check = [str(Path(sys.executable).with_name(words[0])), *words[1:3], "--help"]
    elif words[0] == "reasoning-gym-envs":  # installed beside the interpreter, perhaps not on PATH
        check = [str(Path(sys.executable).with_name(words[0])), *words[1:]]
    elif words[2].startswith("baselines."):
        check = [sys.executable, "-c", f"import importlib; importlib.import_module('{words[2]}')"]
    elif words[1:3] == ["-m", "baselines"]:
        from baselines.commands import main

        with pytest.raises(SystemExit) as ended:  # here, where all of it is imported once
            main([*words[3:], "--help"])
        assert ended.value.code == 0, capsys.readouterr().err
        return
    else:
        check = words
    modules = [name for name in FILES if f"{name}:" in command]
    for name in modules:
        (tmp_path / f"{name}.py").write_text(FILES[name], encoding="utf-8")
    writes = words[1:2] in (["export"], ["evaluate"])
    where = tmp_path if writes or modules else ROOT
    finished = subprocess.run(check, cwd=where, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_what_is_generated_is_current():
    """`python -m docs.generate` writes them."""
    assert out_of_date() == []


def test_the_tables_list_everything_once():
    from reasoning_gym_envs import ENVIRONMENTS

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for id in ENVIRONMENTS:
        assert readme.count(f"| [`{id}`]") == 1
    for agent in ("RandomAgent", "ReferenceAgent", "GRPO"):
        assert readme.count(f"| `{agent}` |") == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_tests_of_the_pitfalls_exist():
    page = (ROOT / "docs/pages/agents/grpo.md").read_text(encoding="utf-8")
    section = page.partition("## Pitfalls\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(test_\w+)`", section))
    written = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 10
    assert named <= set(re.findall(r"^def (test_\w+)\(", written, re.MULTILINE))


def said_by_the_code():
    """All that our code and the tests of the plugs say, without the ends of its lines."""
    folders = (ROOT / "reasoning_gym_envs", ROOT / "tests")
    texts = [p.read_text(encoding="utf-8") for f in folders for p in sorted(f.rglob("*.py"))]
    joined = re.sub(r'"\n\s*f?"', "", "\n".join(texts))
    return joined.replace('\\"', '"')


def test_messages_of_the_page_are_said():
    """What users are to look for is what our code says, or what a test sees others say."""
    page = (ROOT / "docs/pages/use_it_with.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| if you see .*?\n\n", page + "\n", re.DOTALL | re.MULTILINE)
    cells = [row.split("|")[1] for table in tables for row in table.splitlines()[2:] if row]
    messages = [part for cell in cells for part in re.findall(r"``(.+?)``|`([^`]+)`", cell)]
    said = said_by_the_code()
    assert len(messages) > 25
    for message in map("".join, messages):
        for piece in message.split("…"):
            assert piece.strip(" {}'`") in said, message


def test_generating_twice_changes_nothing():
    assert generated() == generated()
