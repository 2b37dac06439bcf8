"""Right programs that take longer than the reference: of a worse order, or only less well written.

For every family that has large inputs, a program of a worse order gives what the reference gives,
after as many steps as the obvious solution takes. How many times as long they take::

    python -m tests.code.worse_orders
"""

import argparse
import textwrap

from reasoning_gym_envs.code.families import FAMILIES
from reasoning_gym_envs.code.problems import draw_problem
from reasoning_gym_envs.problems import Stream
from reasoning_gym_envs.sandbox import DockerSandbox, Limits, Submission, judge
from reasoning_gym_envs.sandbox.submission import LEAST_REFERENCE_SECONDS

PAIRS = """\
for one in {0}:
    for other in {0}:
        one == other
"""
UP_TO = """\
for number in range({0}):
    pass
"""
EXPONENTIAL = """\
for number in range(2 ** {0}):
    pass
"""
STEPS = {
    # family: the steps, in which {0} is the first argument and {1} the second
    "join_tables": PAIRS,
    "pair_counts": PAIRS,
    "merge_lists": PAIRS,
    "range_queries": PAIRS,
    "neighbours": PAIRS,
    "balanced_parts": PAIRS,
    "reach_nodes": PAIRS,
    "group_nodes": PAIRS.replace("{0}", "{1}"),
    "order_tasks": """\
done = set()
for task in range(len({0})):
    blocked = {{after for before, after in {1} if before not in done}}
    done.add(task)
""",
    # Bellman and Ford; up to two steps may be free
    "cheapest_way": """\
costs = {{}}
for node in {{edge[0] for edge in {0}}}:
    for first, second, cost in {0}:
        for free in range(3):
            costs.get((first, free), 0) + cost < costs.get((second, free), 0)
""",
    "merge_spans": PAIRS,
    "covered_stretches": PAIRS,
    "choose_spans": PAIRS,
    "count_partners": PAIRS,
    "best_path": EXPONENTIAL.format("(len({0}) + len({0}[0]))"),
    "divisors": UP_TO,
    "prime_factors": UP_TO,
    "prime_range": PAIRS.replace("{0}", "range({0}, {1})"),
    "orbit": UP_TO.format("{1}"),
    "fast_recurrence": UP_TO,
    "count_numbers": UP_TO.format("{1}"),
    "letter_windows": PAIRS,
    "climb": EXPONENTIAL,
    "best_apart": PAIRS,
    "edit_cost": EXPONENTIAL.format("len({0})"),
    "best_chain": PAIRS,
    "sequence": UP_TO,
}


def of_a_worse_order(source, family):
    """The reference, after the steps of the obvious solution."""
    steps = textwrap.indent(STEPS[family].format("given[0]", "given[1]"), "    ")
    return _instead(source, family, f"{steps}\n    return quick_one(*given)")


def less_well_written(source, family, times=5):
    """The reference, as many times as slow, whatever the input."""
    body = (
        f"    for _ in range({times - 1}):\n        quick_one(*given)\n    return quick_one(*given)"
    )
    return _instead(source, family, body)


def _instead(source, family, body):
    """A function in the reference's place; where that calls itself, it does not call this one."""
    inner = textwrap.indent(source, "    ")
    return (
        f"def reference():\n{inner}\n    return {family}\n\nquick_one = reference()\n\n"
        f"def {family}(*given):\n{body}\n"
    )


def problem_with_large_inputs(family, level, seed=1):
    """The first one: not all tasks of a family have large inputs."""
    stream = Stream(seed)
    while not (problem := draw_problem([family], stream, level, "train", large=True)).data.large:
        pass
    return problem


def measure(sandbox, family, level, most):
    """Milliseconds of the reference, and how many times as long the two others take (to `most`)."""
    task = problem_with_large_inputs(family, level).data
    runs = tuple(test.run for test in task.large)
    limits = Limits(seconds=60, total_seconds=300, output=1 << 22)
    (outcome,) = sandbox.run(Submission(task.solution, runs, limits=limits))
    assert outcome.status == "returned", outcome.message
    took = []
    for program in (less_well_written, of_a_worse_order):
        source = program(task.solution, family)
        limits = Limits(times=most, output=1 << 22)
        verdict = judge(sandbox, source, task.large, limits=limits, reference=task.solution)
        least = max(outcome.seconds, LEAST_REFERENCE_SECONDS)
        took.append((verdict.outcomes[0].seconds / least, verdict.status))
    return 1000 * outcome.seconds, *took


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--families", nargs="*", default=list(STEPS))
    parser.add_argument("--most", type=float, default=100.0, help="times, after which it is ended")
    arguments = parser.parse_args()
    print("family              level   reference   five times   worse order")
    with DockerSandbox(boxes=1) as sandbox:
        for family in arguments.families:
            for level in (FAMILIES[family].easiest, FAMILIES[family].hardest):
                took, (five, _), (worse, status) = measure(sandbox, family, level, arguments.most)
                more = "more than " if status == "timeout" else ""
                print(f"{family:20s} {level:4d} {took:8.1f} ms {five:12.1f}   {more}{worse:.0f}")


if __name__ == "__main__":
    main()
