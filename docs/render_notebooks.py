"""The course notebooks: sources with solutions, notebooks for students, pages of the site.

python -m docs.render_notebooks               executes the sources and writes the notebooks
python -m docs.render_notebooks 2             only those whose name begins so
python -m docs.render_notebooks --check       says which are out of date, and writes nothing
python -m docs.render_notebooks --test [1]    runs every cell, and every check on every answer

A source is a script in Jupytext's percent format.  Cells are tagged:

exercise   a function to fill in; what stands between BEGIN SOLUTION and END SOLUTION is left out of
           the students' notebook
check      follows it, and raises an error unless the answer is right
wrong      follows a check: an answer that the check must refuse; students do not see it
"""

from __future__ import annotations

import copy
import os
import re
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

FOLDER = Path(__file__).parent / "pages" / "course"
SOURCES = sorted(FOLDER.glob("[0-9]*.py"))
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
OPEN = 'raise NotImplementedError("still to be filled in")'

_SOLUTION = re.compile(r"^( *)# BEGIN SOLUTION\n.*?# END SOLUTION$", re.DOTALL | re.MULTILINE)


def read(source: Path) -> NotebookNode:
    """The cells of a source, all of them, with their tags."""
    notebook: NotebookNode = jupytext.read(source)
    notebook.metadata = copy.deepcopy(KERNEL)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # the same every time
    return notebook


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    found: list[str] = cell.metadata.get("tags", [])
    return found


def without_solution(code: str) -> str:
    """An exercise as students see it."""
    return _SOLUTION.sub(rf"\1{OPEN}", code)


def for_students(notebook: NotebookNode) -> NotebookNode:
    """A notebook, executed or not, without the solutions and what the checks say to them."""
    notebook = copy.deepcopy(notebook)
    notebook.cells = [cell for cell in notebook.cells if "wrong" not in tags(cell)]
    for cell in notebook.cells:
        if "exercise" in tags(cell):
            cell.source = without_solution(cell.source)
        if "check" in tags(cell):
            cell.outputs, cell.execution_count = [], None
    return notebook


def execute(source: Path) -> NotebookNode:
    """The students' notebook, with what its cells print and draw."""
    from nbclient import NotebookClient

    notebook = read(source)
    notebook.cells = [cell for cell in notebook.cells if "wrong" not in tags(cell)]
    resources = {"metadata": {"path": str(FOLDER)}}
    client = NotebookClient(notebook, timeout=600, record_timing=False, resources=resources)
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _printed_and_drawn(cell.outputs)
    notebook.metadata = copy.deepcopy(KERNEL)
    return for_students(notebook)


def _printed_and_drawn(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs without the bars of progress: they have times in them, and cut what is printed."""
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.get("name") == "stderr":
            continue
        if kept and output.get("name") == "stdout" == kept[-1].get("name"):
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def out_of_date() -> list[Path]:
    """The notebooks whose cells are not those of their sources."""
    return [path.with_suffix(".ipynb") for path in SOURCES if not _is_current(path)]


def _is_current(source: Path) -> bool:
    rendered = source.with_suffix(".ipynb")
    if not rendered.exists():
        return False
    written = nbformat.read(rendered, as_version=4)
    wanted = for_students(read(source))
    return _contents(written) == _contents(wanted)


def _contents(notebook: NotebookNode) -> list[tuple[str, str, list[str]]]:
    return [(cell.cell_type, cell.source, tags(cell)) for cell in notebook.cells]


# Trying the exercises. ---------------------------------------------------------------------------


def problems_of(source: Path) -> list[str]:
    """Run all cells here; what is wrong with them.

    Each check runs on the exercise as students get it and on the wrong answers, which it must
    refuse, and on the solution, which it must not.
    """
    os.chdir(FOLDER)
    names: dict[str, Any] = {"__name__": "__main__"}
    problems: list[str] = []
    exercise = check = None
    cells = [cell for cell in read(source).cells if cell.cell_type == "code"]
    for number, cell in enumerate(cells):
        if "exercise" in tags(cell):
            exercise = cell.source
            _run(without_solution(exercise), names)
        elif "check" in tags(cell):
            assert exercise is not None, "a check follows an exercise"
            check = cell.source
            if _refusal(check, names) is not NotImplementedError:
                problems.append(f"passes or breaks on an exercise that is open:\n{check}")
            wrongs = 0
            for following in cells[number + 1 :]:
                if "wrong" not in tags(following):
                    break
                wrongs += 1
                _run(following.source, names)
                if _refusal(check, names) is not AssertionError:
                    problems.append(f"does not refuse:\n{following.source}")
            if not wrongs:
                problems.append(f"is not tried on a wrong answer:\n{check}")
            _run(exercise, names)
            _run(check, names)
        elif "wrong" not in tags(cell):
            _run(cell.source, names)
    return problems


def _run(code: str, names: dict[str, Any]) -> None:
    exec(compile(code, "<cell>", "exec"), names)  # noqa: S102  (our own sources)


def _refusal(check: str, names: dict[str, Any]) -> type[Exception] | None:
    try:
        _run(check, names)
    except Exception as error:
        return type(error)
    return None


# Pages. ------------------------------------------------------------------------------------------


def page(notebook: NotebookNode) -> str:
    """A notebook as Markdown."""
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        for output in cell.outputs:
            data = output.get("data", {})
            text = output.get("text") or data.get("text/plain", "")
            if "image/png" in data:
                parts.append(f"![output](data:image/png;base64,{data['image/png'].strip()})")
            elif text:
                parts.append(f"```text\n{text.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write, check or test; the exit status."""
    wanted = [word for word in sys.argv[1:] if not word.startswith("-")]
    sources = [path for path in SOURCES if path.name.startswith(tuple(wanted) or "")]
    if "--check" in sys.argv:
        stale = out_of_date()
        print(*stale, sep="\n", end="\n" if stale else "")
        return 1 if stale else 0
    if "--test" in sys.argv:
        problems = [problem for source in sources for problem in problems_of(source)]
        print(*problems, sep="\n\n")
        return 1 if problems else 0
    for source in sources:
        nbformat.write(execute(source), source.with_suffix(".ipynb"))
        print(source.with_suffix(".ipynb").name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
