"""The course: its cells run, its checks take right answers alone, its notebooks are current."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the course needs the agents' requirements")

from docs.render_notebooks import (
    OPEN,
    SOURCES,
    for_students,
    out_of_date,
    page,
    problems_of,
    read,
    tags,
    without_solution,
)

ROOT = Path(__file__).parent.parent

EXERCISE = """# %% tags=["exercise"]
def twice(n):
    # BEGIN SOLUTION
    return 2 * n
    # END SOLUTION


# %% tags=["check"]
{check}

# %% tags=["wrong"]
def twice(n):
    return n
"""


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(source, marks=[] if source.name.startswith("2") else pytest.mark.slow)
        for source in SOURCES
    ],
    ids=lambda path: path.stem,
)
def test_every_cell_runs_and_every_check_knows_right_from_wrong(source):
    """With the solutions all cells run; open exercises and wrong answers do not pass a check."""
    finished = subprocess.run(
        [sys.executable, "-m", "docs.render_notebooks", "--test", source.stem],
        cwd=ROOT,
        env={**os.environ, "MPLBACKEND": "Agg", "NOTEBOOK_BUDGET": "0.1"},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_notebooks_are_current():
    """`python -m docs.render_notebooks` writes them."""
    assert len(SOURCES) == 5
    assert out_of_date() == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_students_see_exercises_and_checks_but_no_answers(source):
    notebook = read(source)
    exercises = [cell for cell in notebook.cells if "exercise" in tags(cell)]
    assert len(exercises) >= 3
    shown = for_students(notebook)
    text = "\n".join(cell.source for cell in shown.cells)
    assert text.count(OPEN) == len(exercises)
    assert "SOLUTION" not in text
    assert not any("wrong" in tags(cell) for cell in shown.cells)
    for cell in exercises:
        solution = cell.source.split("# BEGIN SOLUTION")[1].split("# END SOLUTION")[0].strip()
        assert solution
        assert solution not in text


def test_a_solution_is_replaced_where_it_stands():
    code = "def f():\n    # BEGIN SOLUTION\n    x = 1\n    return x\n    # END SOLUTION"
    assert without_solution(code) == f"def f():\n    {OPEN}"


@pytest.mark.parametrize(
    ("check", "problems"),
    [
        ("assert twice(3) == 6, 'twice 3 is 6'", []),
        ("assert twice(0) == 0", ["does not refuse"]),
        ("print('Right.')", ["on an exercise that is open", "does not refuse"]),
        ("try:\n    ok = twice(3) == 6\nexcept Exception:\n    ok = True\nassert ok", ["open"]),
    ],
)
def test_a_check_that_does_not_check_is_found(check, problems, tmp_path, monkeypatch):
    source = tmp_path / "1.py"
    source.write_text(EXERCISE.format(check=check), encoding="utf-8")
    monkeypatch.chdir(tmp_path)  # which is put back
    found = problems_of(source)
    assert len(found) == len(problems), found
    for said, wanted in zip(found, problems, strict=True):
        assert wanted in said


def test_a_check_without_a_wrong_answer_is_found(tmp_path, monkeypatch):
    source = tmp_path / "1.py"
    text = EXERCISE.format(check="assert twice(3) == 6").split('# %% tags=["wrong"]')[0]
    source.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert ["is not tried on a wrong answer" in said for said in problems_of(source)] == [True]


def test_commands_in_notebooks_stand_on_pages_whose_commands_are_run():
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs/pages").rglob("*.md")]
    run = {line for text in pages for line in text.splitlines()}
    cells = [cell.source for source in SOURCES for cell in read(source).cells]
    named = re.findall(r"^python -m baselines .*", "\n".join(cells), re.MULTILINE)
    assert len(named) > 3
    assert set(named) <= run


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_pages_of_the_site_have_what_the_notebooks_print_and_draw(source):
    import nbformat

    text = page(nbformat.read(source.with_suffix(".ipynb"), as_version=4))
    assert text.startswith("# ")
    assert "```python\n" in text
    assert "```text\n" in text
    assert "![output](data:image/png;base64," in text
    assert OPEN in text
