"""Tasks about graphs: degrees, links, distances, components, orders, cheapest ways."""

from __future__ import annotations

from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.problems import Stream

Edge = tuple[int, int]


def _edges(stream: Stream, count: int, least: int, most: int) -> list[Edge]:
    edges = []
    for _ in range(stream.randint(least, most)):
        edges.append((stream.randrange(count), stream.randrange(count)))
    return edges


_EDGE_KINDS = {
    # name: (which edges count, the condition on the others, which are skipped)
    "all": ("", ""),
    "near": (
        "Only consider {edges} whose numbers differ by at most 3. ",
        "abs(first - second) > 3",
    ),
    "far": (
        "Only consider {edges} whose numbers differ by at least 2. ",
        "abs(first - second) < 2",
    ),
    "no threes": (
        "Only consider {edges} whose numbers have a sum not divisible by 3. ",
        "(first + second) % 3 == 0",
    ),
    "no fours": (
        "Only consider {edges} whose numbers have a sum not divisible by 4. ",
        "(first + second) % 4 == 0",
    ),
}


def _rule(edge_kind: str, edges: str = "edges between two nodes") -> str:
    """The sentence of the description about the edges that count."""
    return _EDGE_KINDS[edge_kind][0].format(edges=edges)


def _skip(edge_kind: str) -> str:
    """The lines of the reference that skip the edges that do not count."""
    condition = _EDGE_KINDS[edge_kind][1]
    return f"        if {condition}:\n            continue\n" if condition else ""


_DEGREES = {
    # name: (what the degree of a node is, the steps for an edge)
    "out": (
        "the number of edges that start at it",
        "        degrees[first] += 1\n",
    ),
    "in": (
        "the number of edges that end at it",
        "        degrees[second] += 1\n",
    ),
    "both": (
        "the number of edges that start at it plus the number of edges that end at it",
        "        degrees[first] += 1\n        degrees[second] += 1\n",
    ),
    "surplus": (
        "the number of edges that start at it minus the number of edges that end at it",
        "        degrees[first] += 1\n        degrees[second] -= 1\n",
    ),
    "sum": (
        "the sum of the end nodes of the edges that start at it",
        "        degrees[first] += second\n",
    ),
}
_DEGREE_RESULTS = {
    # name: (what is returned, the expression)
    "one": (
        "the sorted list of nodes of degree 1",
        "[node for node in range(count) if degrees[node] == 1]",
    ),
    "two": (
        "the sorted list of nodes of degree 2 or more",
        "[node for node in range(count) if degrees[node] >= 2]",
    ),
    "most": (
        "the sorted list of nodes of maximum degree",
        "[node for node in range(count) if degrees[node] == max(degrees)]",
    ),
    "least": (
        "the sorted list of nodes of minimum degree",
        "[node for node in range(count) if degrees[node] == min(degrees)]",
    ),
    "ranking": (
        "the list of all nodes, sorted by degree, largest first (ties by node, smallest first)",
        "sorted(range(count), key=lambda node: (-degrees[node], node))",
    ),
    "degrees": ("the list of the degrees of nodes 0 to count - 1", "degrees"),
}


def node_degrees(stream: Stream, level: int) -> Task:
    """The nodes that have certain degrees."""
    degree = stream.choice(tuple(_DEGREES)[: 3 if level <= 1 else len(_DEGREES)])
    unfit = {"sum": ("one", "least"), "surplus": ("two",)}.get(degree, ())
    result = stream.choice([name for name in _DEGREE_RESULTS if name not in unfit])
    once = level >= 2 and stream.random() < 0.5
    edge_kind = stream.choice(tuple(_EDGE_KINDS)) if level >= 3 else "all"
    loops = degree == "surplus" or edge_kind == "far" or stream.random() < 0.5
    what, step = _DEGREES[degree]
    asked, give = _DEGREE_RESULTS[result]
    signature = "def node_degrees(count: int, edges: list[tuple[int, int]]) -> list[int]"

    loop_step = "" if loops else "        if first == second:\n            continue\n"
    once_step = ""
    if once:
        once_step = """\
        if (first, second) in seen:
            continue
        seen.add((first, second))
"""

    def draw(stream: Stream) -> Arguments:
        count = stream.randint(3, 7)
        edges = _edges(stream, count, 4, 10)
        return count, edges + stream.sample(edges, stream.randint(0, 2))

    return Task(
        content=(
            f"{result} by {degree}, {edge_kind} edges, {'with' if loops else 'without'} loops, "
            f"repeated edges count {'once' if once else 'each'}"
        ),
        description=(
            "A directed graph has nodes 0 to count - 1 (count ≥ 1) and edges (start, end). "
            f"{_rule(edge_kind)}"
            + ("" if loops else "Ignore self-loops. ")
            + ("Count repeated edges once. " if once else "Count repeated edges separately. ")
            + f"The degree of a node is {what}. Return {asked}."
        ),
        signature=signature,
        source=f"""\
{signature}:
    degrees = [0] * count
{"    seen: set[tuple[int, int]] = set()" + chr(10) if once else ""}    for first, second in edges:
{_skip(edge_kind)}{loop_step}{once_step}{step}    return {give}
""",
        draw=draw,
        edges=(
            (1, []),
            (2, [(0, 0), (0, 0), (1, 0)]),
            (3, [(0, 1), (1, 0), (0, 1), (2, 2)]),
            (5, [(4, 0), (4, 1), (4, 2), (4, 3)]),
        ),
    )


_LINKS = {
    # name: (where a walk goes from index p, the expression)
    "link": ("links[p]", "links[place]"),
    "forward": (
        "(p + links[p]) % n",
        "(place + links[place]) % n",
    ),
    "backward": (
        "(p - links[p]) % n",
        "(place - links[place]) % n",
    ),
    "next": ("(links[p] + 1) % n", "(links[place] + 1) % n"),
    "double": ("2 * links[p] % n", "2 * links[place] % n"),
    "twice": ("links[links[p]]", "links[links[place]]"),
    "mirror": ("n - 1 - links[p]", "n - 1 - links[place]"),
}
_WALK_RESULTS = {
    # name: (what is returned, its type, the expression)
    "path": ("the list of visited indices, in order of visit", "list[int]", "path"),
    "cycle": (
        "the list of indices on the cycle, in order of visit, starting with the repeated index",
        "list[int]",
        "path[path.index(place) :]",
    ),
    "tail": (
        "the list of indices visited before the first visit to the repeated index, last visited "
        "first",
        "list[int]",
        "path[: path.index(place)][::-1]",
    ),
    "lengths": (
        "the tuple (number of indices visited before the repeated index, number of indices on the "
        "cycle)",
        "tuple[int, int]",
        "(path.index(place), len(path) - path.index(place))",
    ),
    "unvisited": (
        "the sorted list of indices that were not visited",
        "list[int]",
        "[other for other in range(n) if other not in path]",
    ),
    "values": (
        "the list of links[p] for all visited indices p, in order of visit",
        "list[int]",
        "[links[other] for other in path]",
    ),
}


def follow_links(stream: Stream, level: int) -> Task:
    """Where a walk along links comes to."""
    names = tuple(_LINKS)
    rule = stream.choice(names[:3] if level <= 2 else names)
    other_rule = stream.choice([name for name in names if name != rule]) if level >= 4 else ""
    divisor = stream.choice((2, 3)) if other_rule else 0
    first_steps = stream.choice((1, 2, 3)) if level >= 6 else 0
    results = tuple(_WALK_RESULTS)[: 3 if level <= 2 else len(_WALK_RESULTS)]
    result = stream.choice(
        [name for name in results if not first_steps or name not in ("tail", "lengths")]
    )
    where, step = _LINKS[rule]
    what, kind, give = _WALK_RESULTS[result]
    signature = f"def follow_links(links: list[int], start: int) -> {kind}"

    def following(indent: str) -> str:
        if not other_rule:
            return f"{indent}place = {step}\n"
        return f"""\
{indent}if place % {divisor} == 0:
{indent}    place = {_LINKS[other_rule][1]}
{indent}else:
{indent}    place = {step}
"""

    before = ""
    if first_steps:
        before = f"    for _ in range({first_steps}):\n{following('        ')}"
    body = f"{before}{following('')}{give}"
    sized = any(use in body for use in ("% n", "n - 1", "range(n)"))
    size = "    n = len(links)\n" if sized else ""
    if other_rule:
        where_rule = (
            f"From an index p divisible by {divisor}, it goes to {_LINKS[other_rule][0]}; from "
            f"any other index p, to {where}. "
        )
    else:
        where_rule = f"From index p, it goes to {where}. "
    start_rule = "It visits `start` first"
    if first_steps:
        steps = "one step" if first_steps == 1 else f"{first_steps} steps"
        start_rule = (
            f"It takes {steps} from `start` without visiting anything; the index reached is the "
            "first visited one"
        )

    def draw(stream: Stream) -> Arguments:
        n = stream.randint(4, 9)
        return [stream.randrange(n) for _ in range(n)], stream.randrange(n)

    return Task(
        content=(
            f"{result}, {rule}{f', {other_rule} at multiples of {divisor}' if other_rule else ''}, "
            f"after {first_steps} steps"
        ),
        description=(
            "`links` is a list of n ≥ 1 integers, each a valid index of the list. A walk moves "
            "from index to index. "
            f"{where_rule}{start_rule}, and the walk ends when it reaches an index that it has "
            f"already visited (the repeated index). Return {what}."
        ),
        signature=signature,
        source=f"""\
{signature}:
{size}    place = start
{before}    path: list[int] = []
    while place not in path:
        path.append(place)
{following("        ")}    return {give}
""",
        draw=draw,
        edges=(
            ([0], 0),
            ([1, 2, 3, 4, 4], 0),
            ([1, 2, 3, 4, 0], 3),
            ([5, 5, 5, 5, 5, 0], 2),
        ),
    )


_DIRECTIONS = {
    # name: (how edges may be used, the steps for an edge)
    "forward": (
        "An edge (a, b) leads from a to b only. ",
        "        neighbours.setdefault(first, []).append(second)\n",
    ),
    "backward": (
        "An edge (a, b) leads from b to a only. ",
        "        neighbours.setdefault(second, []).append(first)\n",
    ),
    "both": (
        "An edge (a, b) leads from a to b and from b to a. ",
        "        neighbours.setdefault(first, []).append(second)\n"
        "        neighbours.setdefault(second, []).append(first)\n",
    ),
}
_REACHED = {
    # name: (what is returned, its type, the expression)
    "within 2": (
        "the sorted list of nodes at distance at most 2",
        "list[int]",
        "sorted(node for node, steps in distance.items() if steps <= 2)",
    ),
    "even": (
        "the sorted list of nodes at an even distance, including the start",
        "list[int]",
        "sorted(node for node, steps in distance.items() if steps % 2 == 0)",
    ),
    "odd": (
        "the sorted list of nodes at an odd distance",
        "list[int]",
        "sorted(node for node, steps in distance.items() if steps % 2 == 1)",
    ),
    "farthest": (
        "the sorted list of reachable nodes at the largest distance",
        "list[int]",
        "sorted(node for node, steps in distance.items() if steps == max(distance.values()))",
    ),
    "by distance": (
        "the list of all reachable nodes, sorted by distance, smallest first (ties by node, "
        "largest first)",
        "list[int]",
        "sorted(distance, key=lambda node: (distance[node], -node))",
    ),
    "sum": (
        "the sum of node * distance over all reachable nodes",
        "int",
        "sum(node * steps for node, steps in distance.items())",
    ),
    "distances": (
        "a dictionary that maps each reachable node to its distance",
        "dict[int, int]",
        "distance",
    ),
}
_CLOSED = {
    "threes": ("divisible by 3", "other % 3 == 0"),
    "odd": ("odd", "other % 2 == 1"),
    "even": ("even", "other % 2 == 0"),
    "ones": ("equal to 1 modulo 4", "other % 4 == 1"),
}


def reach_nodes(stream: Stream, level: int) -> Task:
    """The nodes at certain distances from a start."""
    direction = stream.choice(tuple(_DIRECTIONS))
    result = stream.choice(tuple(_REACHED)[: 3 if level <= 3 else len(_REACHED)])
    edge_kind = stream.choice(tuple(_EDGE_KINDS)) if level >= 4 else "all"
    closed = stream.choice(tuple(_CLOSED)) if level >= 6 else ""
    lead, step = _DIRECTIONS[direction]
    what, kind, give = _REACHED[result]
    signature = f"def reach_nodes(edges: list[tuple[int, int]], start: int) -> {kind}"

    limit = ""
    limit_rule = ""
    if closed:
        limit_rule = (
            f"Nodes that are {_CLOSED[closed][0]} cannot be entered (but the start may be one). "
        )
        limit = f"            if {_CLOSED[closed][1]}:\n                continue\n"
    if result == "farthest":
        last = "    farthest = max(distance.values())\n"
        give = give.replace("max(distance.values())", "farthest")
    else:
        last = ""

    def draw(stream: Stream) -> Arguments:
        count = stream.randint(9, 11) if closed else stream.randint(7, 9)
        least = 18 if closed else 10
        return _edges(stream, count, least, least + 6), stream.randrange(count)

    def large(stream: Stream) -> Arguments:
        edges = [(n, n + 1) for n in range(12_000)] + [(n + 1, n) for n in range(12_000)]
        stream.shuffle(edges)
        return edges, 6000

    return Task(
        content=f"{result}, {direction}, {edge_kind} edges, closed {closed or 'none'}",
        description=(
            "A graph is given by its edges, pairs of nodes numbered from 0. "
            f"{lead}{_rule(edge_kind)}{limit_rule}"
            "The distance of a node is the smallest number of edges on a path from `start` to it; "
            "`start` itself has distance 0, even if it has no edges. "
            f"Return {what}. There may be up to 24,000 edges."
        ),
        signature=signature,
        source=f"""\
from collections import deque


{signature}:
    neighbours: dict[int, list[int]] = {{}}
    for first, second in edges:
{_skip(edge_kind)}{step}    distance = {{start: 0}}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for other in neighbours.get(node, []):
            if other in distance:
                continue
{limit}            distance[other] = distance[node] + 1
            queue.append(other)
{last}    return {give}
""",
        draw=draw,
        edges=(
            ([], 4),
            ([(1, 1)], 1),
            ([(0, 1), (1, 2), (2, 4), (4, 5), (5, 7)], 0),
            ([(7, 5), (5, 4), (4, 2), (2, 1), (1, 0)], 0),
            ([(2, 3), (3, 2), (8, 9)], 2),
        ),
        large=large,
    )


_GROUPS = {
    # name: (what is returned, its type, the expression)
    "count": ("the number of components", "int", "len(groups)"),
    "sizes": (
        "the list of component sizes, largest first",
        "list[int]",
        "sorted((len(group) for group in groups), reverse=True)",
    ),
    "largest": (
        "the sorted list of nodes of the largest component (on ties, the one containing the "
        "smallest node; an empty list if there are no components)",
        "list[int]",
        "max(groups, key=len, default=[])",
    ),
    "last largest": (
        "the sorted list of nodes of the largest component (on ties, the one whose smallest node "
        "is largest; an empty list if there are no components)",
        "list[int]",
        "max(reversed(groups), key=len, default=[])",
    ),
    "sums": (
        "the list of the node sums of all components, ordered by each component's smallest node",
        "list[int]",
        "[sum(group) for group in groups]",
    ),
    "ends": (
        "the sorted list of the pairs (smallest node, largest node) of all components",
        "list[tuple[int, int]]",
        "[(group[0], group[-1]) for group in groups]",
    ),
}


def group_nodes(stream: Stream, level: int) -> Task:
    """The components that edges of some weights make."""
    low = stream.choice((3, 4, 5))
    weights = stream.choice(("at least", "less than", "odd", "even"))
    result = stream.choice(tuple(_GROUPS)[: 3 if level <= 3 else len(_GROUPS)])
    edge_kind = stream.choice(tuple(_EDGE_KINDS)) if level >= 5 else "all"
    size = stream.choice((2, 3)) if level >= 6 and result in ("sizes", "sums", "ends") else 1
    what, kind, give = _GROUPS[result]
    signature = f"def group_nodes(count: int, edges: list[tuple[int, int, int]]) -> {kind}"
    weak = {
        "at least": f"weight < {low}",
        "less than": f"weight >= {low}",
        "odd": "weight % 2 == 0",
        "even": "weight % 2 == 1",
    }[weights]
    named = f"{weights} {low}" if " " in weights else weights

    filtered = ""
    if size > 1:
        filtered = f"    groups = [group for group in groups if len(group) >= {size}]\n"

    def draw(stream: Stream) -> Arguments:
        count = stream.randint(6, 10)
        edges = _edges(stream, count, 7, 12)
        return count, [(a, b, stream.randint(1, 6)) for a, b in edges]

    def large(stream: Stream) -> Arguments:
        count = 16_000
        edges = [(n, max(0, n - stream.randint(1, 4))) for n in range(count)]
        stream.shuffle(edges)
        return count, [(a, b, stream.randint(1, 6)) for a, b in edges]

    return Task(
        content=f"{result}, weight {named}, {edge_kind} edges, groups of at least {size}",
        description=(
            "An undirected graph has nodes 0 to count - 1 and edges (node, node, weight). Only "
            f"consider edges whose weight is {named}. {_rule(edge_kind)}"
            "Find the connected components of the resulting graph, in which an isolated node is a "
            "component of its own. "
            + (f"Drop components of fewer than {size} nodes. " if size > 1 else "")
            + f"Return {what}. There may be up to 16,000 nodes and as many edges."
        ),
        signature=signature,
        source=f"""\
{signature}:
    leader = list(range(count))

    def find(node: int) -> int:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for first, second, weight in edges:
        if {weak}:
            continue
{_skip(edge_kind)}        leader[find(first)] = find(second)
    members: dict[int, list[int]] = {{}}
    for node in range(count):
        members.setdefault(find(node), []).append(node)
    groups = sorted(members.values())
{filtered}    return {give}
""",
        draw=draw,
        edges=(
            (0, []),
            (1, []),
            (3, [(0, 0, 3), (2, 2, 4)]),
            (5, [(0, 1, 1), (1, 2, 2), (2, 3, 3), (3, 4, 4)]),
            (6, [(5, 4, 6), (4, 3, 5), (1, 0, 4), (0, 2, 1)]),
        ),
        large=large,
    )


_TIES = {
    # name: (which task comes first, the key)
    "smallest": ("the smallest number", "(task,)"),
    "largest": ("the largest number", "(-task,)"),
    "quick": (
        "the smallest time (on ties, the smallest number)",
        "(times[task], task)",
    ),
    "slow": ("the largest time (on ties, the smallest number)", "(-times[task], task)"),
    "even": (
        "the smallest even number or, if there is none, the smallest number",
        "(task % 2, task)",
    ),
    "quick last": ("the smallest time (on ties, the largest number)", "(times[task], -task)"),
    "near": (
        "the smallest absolute difference between number and time (on ties, the smallest number)",
        "(abs(task - times[task]), task)",
    ),
}
_ORDERED = {
    # name: (what is returned, its type, what is done with a task, the expression)
    "order": ("the list of tasks in the order in which they are done", "", "order"),
    "finished": (
        "the list of finishing times of the tasks in the order in which they are done (the first "
        "task starts at time 0)",
        "        now += times[task]\n        finished.append(now)\n",
        "finished",
    ),
    "free": (
        "a list with the number of available tasks each time a task was chosen, including that "
        "task",
        "        free.append(len(ready) + 1)\n",
        "free",
    ),
    "left": (
        "the list of tasks in the order in which they are done, leaving out those whose time is "
        "larger than that of the task done directly before",
        "",
        "[t for n, t in enumerate(order) if n == 0 or times[t] <= times[order[n - 1]]]",
    ),
}


def order_tasks(stream: Stream, level: int) -> Task:
    """Tasks in an order that their dependencies allow."""
    ties = stream.choice(tuple(_TIES)[: 4 if level <= 5 else len(_TIES)])
    result = stream.choice(tuple(_ORDERED)[: 2 if level <= 5 else len(_ORDERED)])
    reverse = stream.random() < 0.5
    circle = stream.choice(("empty", "part"))
    edge_kind = stream.choice(tuple(_EDGE_KINDS)) if level >= 7 else "all"
    rule, key = _TIES[ties]
    what, step, give = _ORDERED[result]
    signature = "def order_tasks(times: list[int], pairs: list[tuple[int, int]]) -> list[int]"

    before, after = ("second", "first") if reverse else ("first", "second")
    start = {
        "finished": "    finished: list[int] = []\n    now = 0\n",
        "free": "    free: list[int] = []\n",
    }.get(result, "")
    circle_end = ""
    if circle == "empty":
        circle_end = "    if len(order) < len(times):\n        return []\n"
        circle_rule = "If not all tasks can be done because of a cycle, return an empty list. "
    else:
        circle_rule = "Leave out tasks that can never be done because of a cycle. "

    def draw(stream: Stream) -> Arguments:
        count = stream.randint(5, 8)
        number = list(range(count))
        stream.shuffle(number)
        pairs = []
        for _ in range(stream.randint(3, 8)):
            first, second = sorted(stream.sample(range(count), 2), reverse=reverse)
            pairs.append((number[first], number[second]))
        if stream.randrange(5) == 0:
            pairs.append(pairs[0][::-1])
        return [stream.randint(1, 9) for _ in range(count)], pairs

    def large(stream: Stream) -> Arguments:
        count = 12_000
        pairs = []
        for node in range(1, count):
            pair = (stream.randrange(node // 2 + 1), node)
            pairs.append(pair[::-1] if reverse else pair)
        stream.shuffle(pairs)
        return [stream.randint(1, 1000) for _ in range(count)], pairs

    return Task(
        content=(
            f"{result}, {ties} first, {after} waits for {before}, {edge_kind} pairs, circles "
            f"{circle}"
        ),
        description=(
            "Tasks are numbered from 0, and times[n] is the time that task n takes. A pair (a, "
            f"b) means that {'a' if reverse else 'b'} can only be done after "
            f"{'b' if reverse else 'a'}. "
            f"{_rule(edge_kind, 'pairs of tasks')}Tasks are done one at a time: each time, of the "
            "available tasks (not done yet, and waiting for no task that is not done), do the "
            f"one with {rule}. "
            f"{circle_rule}Return {what}. Pairs may be repeated. There may be up to 12,000 tasks "
            "and as many pairs."
        ),
        signature=signature,
        source=f"""\
from heapq import heapify, heappop, heappush


{signature}:
    def rank(task: int) -> tuple[int, ...]:
        return {key}

    waiting = [0] * len(times)
    unlocks: list[list[int]] = [[] for _ in times]
    for first, second in pairs:
{_skip(edge_kind)}        waiting[{after}] += 1
        unlocks[{before}].append({after})
    ready = [(rank(task), task) for task in range(len(times)) if waiting[task] == 0]
    heapify(ready)
    order = []
{start}    while ready:
        _, task = heappop(ready)
        order.append(task)
{step}        for other in unlocks[task]:
            waiting[other] -= 1
            if waiting[other] == 0:
                heappush(ready, (rank(other), other))
{circle_end}    return {give}
""",
        draw=draw,
        edges=(
            ([], []),
            ([5], []),
            ([3, 3, 3, 1], []),
            ([1, 2, 3], [(0, 1), (1, 0)]),
            ([4, 3, 2, 1], [(0, 1), (1, 2), (2, 3)]),
            ([4, 1, 2, 2, 9], [(4, 0), (4, 0), (3, 1)]),
        ),
        large=large,
    )


_COSTS = {
    # name: (what a step costs, the expression)
    "plain": ("costs the cost of the edge", "cost"),
    "even nodes": (
        "costs the cost of the edge, doubled if it leads to an even node",
        "cost * (2 - other % 2)",
    ),
    "downhill": (
        "costs the cost of the edge, plus 3 if it leads to a node with a smaller number",
        "cost + 3 * (other < node)",
    ),
    "distance": (
        "costs the cost of the edge plus the absolute difference of the two node numbers",
        "cost + abs(node - other)",
    ),
    "odd costs": (
        "costs the cost of the edge, doubled if that cost is odd",
        "cost * (1 + cost % 2)",
    ),
}


def cheapest_way(stream: Stream, level: int) -> Task:
    """The cost of the cheapest way between two nodes."""
    direction = stream.choice(("forward", "both"))
    costs = stream.choice(tuple(_COSTS)[: 3 if level <= 6 else len(_COSTS)])
    fee = stream.choice((0, 1, 2, 4))
    closed = stream.choice(("", *_CLOSED)) if level >= 7 else ""
    free = stream.choice((1, 2)) if level >= 9 else 0
    toll, step_cost = _COSTS[costs]
    signature = (
        "def cheapest_way(edges: list[tuple[int, int, int]], start: int, goal: int) -> int | None"
    )
    both = ""
    if direction == "both":
        both = "        neighbours.setdefault(second, []).append((first, cost))\n"
    plus = f" + {fee}" if fee else ""
    closed_step, closed_rule = "", ""
    if closed:
        closed_step = f"            if {_CLOSED[closed][1]}:\n                step += 5\n"
        closed_rule = f"A step to a node that is {_CLOSED[closed][0]} costs 5 more. "
    if free:
        loop = f"""\
    queue = [(0, start, 0)]
    done: set[tuple[int, int]] = set()
    while queue:
        total, node, used = heappop(queue)
        if node == goal:
            return total
        if (node, used) in done:
            continue
        done.add((node, used))
        for other, cost in neighbours.get(node, []):
            step = {step_cost}{plus}
{closed_step}            heappush(queue, (total + step, other, used))
            if used < {free}:
                heappush(queue, (total, other, used + 1))
    return None
"""
    else:
        loop = f"""\
    queue = [(0, start)]
    done: set[int] = set()
    while queue:
        total, node = heappop(queue)
        if node == goal:
            return total
        if node in done:
            continue
        done.add(node)
        for other, cost in neighbours.get(node, []):
            step = {step_cost}{plus}
{closed_step}            heappush(queue, (total + step, other))
    return None
"""

    def draw(stream: Stream) -> Arguments:
        count = stream.randint(8, 10)
        edges = []
        for node in range(count - 1):
            for _ in range(2):
                edges.append((node, min(node + stream.randint(1, 2), count - 1)))
        for _ in range(3):
            node = stream.randrange(2, count)
            edges.append((node, node - stream.randint(1, 2)))
        stream.shuffle(edges)
        number = list(range(count))
        stream.shuffle(number)
        start, goal = stream.randrange(2), count - 1
        if stream.randrange(4) == 0:
            start, goal = goal, start
        priced = [(number[a], number[b], stream.randint(1, 9)) for a, b in edges]
        return priced, number[start], number[goal]

    def large(stream: Stream) -> Arguments:
        count = 6000
        edges = []
        for node in range(count - 4):
            edges.append((node, node + stream.randint(1, 4), stream.randint(1, 9)))
            edges.append((node, node + 1, stream.randint(5, 9)))
        stream.shuffle(edges)
        return edges, 0, count - 7

    free_rule = ""
    if free:
        steps = "one step" if free == 1 else "two steps"
        free_rule = f"On each path, you may take up to {steps} for free. "
    return Task(
        content=(f"{direction}, {costs}, fee {fee}, 5 more to {closed or 'none'}, {free} free"),
        description=(
            "A graph is given by its edges (node, node, cost), with nodes numbered from 0 and "
            "costs of at least 1. "
            + _DIRECTIONS[direction][0].replace("(a, b)", "(a, b, cost)")
            + f"A step along an edge {toll}"
            + (f", plus a fee of {fee} for every step. " if fee else ". ")
            + closed_rule
            + free_rule
            + "Return the cost of the cheapest path from `start` to `goal`: 0 if they are the "
            "same node, None if there is no path. "
            "There may be up to 6,000 nodes and 12,000 edges."
        ),
        signature=signature,
        source=f"""\
from heapq import heappop, heappush


{signature}:
    neighbours: dict[int, list[tuple[int, int]]] = {{}}
    for first, second, cost in edges:
        neighbours.setdefault(first, []).append((second, cost))
{both}{loop}""",
        draw=draw,
        edges=(
            ([], 1, 1),
            ([], 1, 2),
            ([(0, 1, 5), (1, 2, 5), (0, 2, 11)], 0, 2),
            ([(2, 1, 3), (1, 0, 3)], 0, 2),
            ([(1, 3, 2), (3, 5, 2), (1, 4, 1), (4, 5, 1), (1, 1, 1)], 1, 5),
        ),
        large=large,
    )


FAMILIES = {
    "node_degrees": Family(node_degrees, 1, 5),
    "follow_links": Family(follow_links, 2, 7),
    "reach_nodes": Family(reach_nodes, 3, 8),
    "group_nodes": Family(group_nodes, 3, 8),
    "order_tasks": Family(order_tasks, 5, 9),
    "cheapest_way": Family(cheapest_way, 6, 10),
}
