"""Write what the documentation takes from the code: tables, a page an environment, their list.

python -m docs.generate          writes them
python -m docs.generate --check  says which are out of date, and writes nothing
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from docs.navigation import FAMILY_PAGES, Family, kinds
from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.cards import arguments, card
from reasoning_gym_envs.code.families import FAMILIES
from reasoning_gym_envs.evaluation.leaderboard import leaderboard, read_results
from reasoning_gym_envs.math.topics import TOPICS
from reasoning_gym_envs.registry import LARGE_POOL
from reasoning_gym_envs.rewards import MODES

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "pages"
RESULTS = ROOT / "baselines" / "results"
AGENT_METHODS = {"act", "learn", "save", "load"}


def environments_table() -> str:
    """A row for each registered id."""
    rows = [
        f"| [`{id}`](docs/pages/environments/{id}.md) | {entry.summary} |"
        for id, entry in ENVIRONMENTS.items()
    ]
    return "\n".join(["| id | what it is |", "| --- | --- |", *rows])


def topics_table() -> str:
    """A row for each topic of MathBoxed, with what its levels ask."""
    rows = []
    for name, generate in TOPICS.items():
        summary = inspect.getdoc(inspect.getmodule(generate)).split("\n\n")[0]  # type: ignore[union-attr]
        rows.append(f"| `{name}` | {' '.join(summary.split())} |")
    return "\n".join(["| topic | what it asks |", "| --- | --- |", *rows])


def families_table() -> str:
    """A row for each family of tasks for programs."""
    rows = []
    for name, family in FAMILIES.items():
        topic = family.generate.__module__.rpartition(".")[2].replace("_", " ")
        summary = " ".join((inspect.getdoc(family.generate) or "").split("\n\n")[0].split())
        rows.append(f"| `{name}` | {topic} | {family.easiest}–{family.hardest} | {summary} |")
    header = ["| family | topic | levels | what is to be written |", "| --- | --- | --- | --- |"]
    return "\n".join(header + rows)


def agents_table() -> str:
    """A row for each class in ``agents`` that acts, learns, saves and loads."""
    rows = []
    for path in sorted((ROOT / "agents").glob("*.py")):
        for name, kind in vars(import_module(f"agents.{path.stem}")).items():
            is_here = inspect.isclass(kind) and kind.__module__ == f"agents.{path.stem}"
            if not is_here or inspect.isabstract(kind) or name.startswith("_"):
                continue
            if all(hasattr(kind, method) for method in AGENT_METHODS):
                summary = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
                file = f"agents/{path.name}"
                rows.append(f"| `{name}` | [`{file}`]({file}) | {summary} |")
    return "\n".join(["| agent | file | what it is |", "| --- | --- | --- |", *rows])


def recipes_table() -> str:
    """A row for each setting of an objective, and a column for each recipe that sets them."""
    from agents.common.objectives import RECIPES, Objective

    rows = [f"| setting | {' | '.join(f'`{name}`' for name in RECIPES)} |"]
    rows.append("| --- |" + " --- |" * len(RECIPES))
    for setting in Objective._fields:
        values = [f"{getattr(recipe, setting)}" for recipe in RECIPES.values()]
        rows.append(f"| `{setting}` | {' | '.join(values)} |")
    return "\n".join(rows)


def sizes_table() -> str:
    """A row for each setting that the size of a model decides."""
    from agents.common.sizes import GRPO_BY_SIZE, IMITATION_BY_SIZE, SMALL, TINY

    bounds = [f"fewer than {TINY // 10**6} million", f"fewer than {SMALL // 10**6} million", "more"]
    rows = [f"| setting, by the number of weights | {' | '.join(bounds)} |"]
    rows.append("| --- | --- | --- | --- |")
    for name, values in GRPO_BY_SIZE.items():
        kinds = {"of GRPO": values, "of imitation": IMITATION_BY_SIZE[name]}
        if len(set(kinds.values())) == 1:
            kinds = {"": values}
        for kind, sizes in kinds.items():
            values = [f"{v:.0e}".replace("e-0", "e-") if v < 1 else f"{v}" for v in sizes]
            rows.append(f"| {f'`{name}` {kind}'.strip()} | {' | '.join(values)} |")
    return "\n".join(rows)


def pools_table(id: str) -> str:
    """How many different test problems each level of an environment has."""
    pools = ENVIRONMENTS[id].pools
    sizes = [f"{size:,}{'+' if size == LARGE_POOL else ''}" for size in pools.values()]
    return "\n".join(
        [
            f"| level | {' | '.join(map(str, pools))} |",
            "| --- " * (1 + len(pools)) + "|",
            f"| different test problems | {' | '.join(sizes)} |",
        ]
    )


def environment_page(id: str) -> str:
    """The card of an environment: its docstring, and the topics where it has some."""
    pools = f"The [pools](../datasets.md#pools) of the test split:\n\n{pools_table(id)}"
    text = card(id).replace("\n\n## Example\n", f"\n\n{pools}\n\n## Example\n", 1)
    page = f"# {id}\n\n```python\nimport gymnasium as gym\nimport reasoning_gym_envs\n\n"
    page += f'env = gym.make("{id}")\n```\n\n{text}\n'
    if "topics" in arguments(id):
        page += f"\n## Topics\n\n{topics_table()}\n"
    if "families" in arguments(id):
        page += f"\n## Families\n\n{families_table()}\n"
    return page


def galleried() -> list[str]:
    """The ids that have a picture in the gallery: the first of each kind that has problems."""
    own = [ids[0] for family in FAMILY_PAGES for ids in kinds(family)]
    return [id for id in own if ENVIRONMENTS[id].family not in ("mixture", "integrations")]


def index_page() -> str:
    """All ids in one table a family, those of one kind together."""
    parts = [
        "# All environments",
        "Each id has a page of its own, and each family a page of pictures.",
        "An episode is answered by `steps`, one each turn; by a `box`, which has the whole answer: "
        "`\\boxed{…}`; or by a fenced `block` of code or output.",
    ]
    for family in FAMILY_PAGES:
        rows = [_index_row(id) for ids in kinds(family) for id in ids]
        head = ["| id | what it is | answer | levels | rewards |", "| --- " * 5 + "|"]
        parts += [f"## [{family.title}]({family.page}.md)", "\n".join(head + rows)]
    return "\n\n".join(parts) + "\n"


def _index_row(id: str) -> str:
    entry = ENVIRONMENTS[id]
    levels = f"{min(entry.pools)}–{max(entry.pools)}"
    cells = [f"[{id}]({id}.md)", entry.summary, entry.answered_by, levels]
    return f"| {' | '.join([*cells, ', '.join(MODES)])} |"


def family_page(family: Family) -> str:
    """Pictures of the environments of a family, each half way through an episode."""
    cells = "\n".join(map(_picture_cell, kinds(family)))
    return f"""# {family.title}

{family.summary}

<div class="gallery">

{cells}</div>

[All environments](index.md) in one table.
"""


def _picture_cell(ids: Sequence[str]) -> str:
    summary = ENVIRONMENTS[ids[0]].summary
    links = ", ".join(f"[{id}]({id}.md)" for id in ids)
    picture = f"![{ids[0]}](../images/gallery/{ids[0]}.png)\n\n" if ids[0] in galleried() else ""
    return f"<div>\n\n{picture}{links}<br>\n{summary}\n\n</div>\n"


def experiment(name: str) -> str:
    """What came out of an experiment: its picture, its tables, and where it ran."""
    report = (RESULTS / f"{name}.md").read_text(encoding="utf-8")
    _, _, tables = report.split("\n\n", 2)  # without the title and the command
    return f"\n![What was measured](../../../baselines/results/{name}.png)\n\n{tables}"


def with_section(text: str, name: str, content: str) -> str:
    """The text with what stands between the marks of a section replaced."""
    pattern = re.compile(rf"(^<!-- {name} -->\n).*?(^<!-- end -->$)", re.DOTALL | re.MULTILINE)
    if not pattern.search(text):
        raise ValueError(f"there is no section {name} … end to fill")
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2]}", text, count=1)


def generated() -> dict[Path, str]:
    """What each generated file should hold."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    readme = with_section(readme, "environments", environments_table())
    readme = with_section(readme, "agents", agents_table())
    boards = RESULTS / "leaderboard"
    shown = [*sorted(boards.glob("core-*.json")), *sorted(boards.glob("math-*.json"))]
    readme = with_section(readme, "leaderboard", f"\n{leaderboard(read_results(shown))}\n")
    pages = {PAGES / "environments" / f"{id}.md": environment_page(id) for id in ENVIRONMENTS}
    pages[PAGES / "environments" / "index.md"] = index_page()
    for family in FAMILY_PAGES:
        pages[PAGES / "environments" / f"{family.page}.md"] = family_page(family)
    floors = (PAGES / "floors.md").read_text(encoding="utf-8")
    table = (RESULTS / "floors.md").read_text(encoding="utf-8").strip()
    pages[PAGES / "floors.md"] = with_section(floors, "floors", table)
    board = leaderboard(read_results(sorted(boards.glob("*.json"))))
    benchmark = PAGES / "benchmark.md"
    text = benchmark.read_text(encoding="utf-8")
    pages[benchmark] = with_section(text, "leaderboard", f"\n{board}\n")
    front = PAGES / "index.md"
    text = front.read_text(encoding="utf-8")
    few = [file for file in sorted(boards.glob("math-*.json")) if "vote" not in file.stem]
    brief = leaderboard(read_results(few), brief=True)
    pages[front] = with_section(text, "leaderboard", f"\n{brief}\n")
    for page in sorted((PAGES / "experiments").glob("*.md")):
        if (RESULTS / page.name).exists():
            text = page.read_text(encoding="utf-8")
            pages[page] = with_section(text, "results", experiment(page.stem))
    trainer = PAGES / "agents" / "grpo.md"
    text = with_section(trainer.read_text(encoding="utf-8"), "recipes", recipes_table())
    pages[trainer] = with_section(text, "sizes", sizes_table())
    return {ROOT / "README.md": readme, **pages}


def out_of_date() -> list[Path]:
    """The generated files that do not hold what they should."""
    return [
        path
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main() -> int:
    """Write or check; the exit status."""
    stale = out_of_date()
    for path in stale:
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(generated()[path], encoding="utf-8")
        print(path.relative_to(ROOT))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
