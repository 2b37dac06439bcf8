"""Reports: one file that needs nothing, shows what models wrote as text, and is quick to read."""

import base64
import json
import re
import shutil
import zlib
from urllib.request import pathname2url

import pytest

from reasoning_gym_envs.cli import main
from reasoning_gym_envs.evaluation import Reply, evaluate, suite_of, summarise
from reasoning_gym_envs.evaluation.record import read_episodes
from reasoning_gym_envs.evaluation.report import write_report
from reasoning_gym_envs.evaluation.report.mathematics import parts
from reasoning_gym_envs.evaluation.report.mazes import walked
from reasoning_gym_envs.evaluation.tables import percent

IDS = ["MathBoxed-v0", "TextMaze-v0", "TextMazeBoxed-v0", "Sokoban-v0"]
SOME = suite_of(IDS, levels=(1, 4), count=5)
TOUGH = (
    """<script>document.title = "owned"</script></script><img src=x onerror="document.title=1">\n"""
    r"So $\frac{3}{4} + \frac12 = \frac{5}{4}$, for $5 or $6. </section></body> <!-- "
    r"$\href{javascript:x}{y}$" + "\nTurned: \u202eabc\u202c, unseen:\u200b, alone: \ud800"
)
CODE = "```\nreturn '$x$'\n```"


class Rough:
    """Right in half of the problems; what it says is rough, and once in a while cut off."""

    about = {"agent": """rough"'><b>&</b>\u202e\ud800"""}  # noqa: RUF012

    def __init__(self, odd=1):
        self._odd = odd

    def reply(self, messages, turn):
        solution = turn.env.solution()[0]
        if "MathBoxed" not in turn.env.spec.id:
            return Reply(solution if turn.seed % 2 else "no idea", 10, 7)
        answer = solution if turn.seed % 2 == self._odd else r"\boxed{\frac{99}{98}}"
        return Reply(
            f"{TOUGH}\n{CODE}\n{answer}", 10, 40, turn.seed % 5 == 0, reasoning="I think: needle"
        )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    evaluate(Rough, SOME, out=folder / "rough", samples=2)
    evaluate("reference", SOME, out=folder / "reference")
    return [folder / "rough", folder / "reference"]


@pytest.fixture(scope="module")
def report(runs, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "report.html"
    write_report(runs, out)
    return out


def unpacked(page, name):
    """What a browser unpacks."""
    packed = re.search(rf'<script type="application/octet-stream" id="{name}">(.*?)</script>', page)
    return json.loads(zlib.decompress(base64.b64decode(packed[1])))


def rows_of(facts):
    names = ("run", "number", "sample", "flags", "turns", "tokens", "piece", "place")
    return list(zip(*(facts[name] for name in names), strict=True))


def text_of(told):
    return "".join(part if isinstance(part, str) else part[1] for part in told)


def test_every_episode_is_in_it_word_for_word(runs, report):
    page = report.read_text()
    facts = unpacked(page, "facts")
    rows = iter(rows_of(facts))
    for run, path in enumerate(runs):
        for record in sorted(read_episodes(path), key=lambda r: (r["number"], r["sample"])):
            of, number, sample, flags, turns, tokens, piece, place = next(rows)
            assert (of, number, sample) == (run, record["number"], record["sample"])
            assert (turns, tokens) == (record["turns"], record["completion_tokens"])
            assert bool(flags & 1) == record["is_success"]
            assert bool(flags & 4) == record["cut_off"]
            told = unpacked(page, f"piece-{piece}")["episodes"][place]
            said = [{"role": role, "content": text_of(text)} for role, text in told["messages"]]
            assert said == record["messages"]
            assert [s["reward_terms"] for s in told["steps"]] == [
                s["reward_terms"] for s in record["steps"]
            ]
    assert next(rows, None) is None


def test_the_figures_are_those_of_the_summary(runs, report):
    page = report.read_text()
    for path in runs:
        summary = summarise(path)
        for scores in (*summary.by_family.values(), *summary.by_level.values()):
            assert f"<td>{percent(scores.success)}</td>" in page
            assert f"<td>{percent(scores.floor)}</td>" in page
    assert "This is no suite, so there is no total." in page
    assert page.count("<svg ") == 3  # families, levels, tokens


def test_it_needs_no_network_and_what_was_said_is_no_part_of_its_markup(report):
    page = report.read_text()
    assert "owned" not in page  # it is packed
    assert not re.search("""rough["'>]|<b>&""", page)  # in tables and in plots
    assert r"rough&#34;&#39;&gt;&lt;b&gt;&amp;&lt;/b&gt;\u202e\ud800" in page
    assert not re.findall(r"""(?:src|href)=["']?(?!#)[^"'\s>]""", page)
    assert set(re.findall(r"https?://[\w./-]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/1998/Math/MathML",
    }
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', page)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


def test_a_suite_has_a_total_and_runs_of_other_problems_are_not_compared(tmp_path):
    other = suite_of(["MathBoxed-v0"], levels=(2,), count=3)
    evaluate("random", SOME, out=tmp_path / "some")
    evaluate("random", other, out=tmp_path / "other")
    write_report([tmp_path / "some", tmp_path / "other"], tmp_path / "report.html")
    assert "McNemar" not in (tmp_path / "report.html").read_text()
    run = json.loads((tmp_path / "other/run.json").read_text())
    run["suite"]["version"] = 1  # as if it were a suite
    (tmp_path / "other/run.json").write_text(json.dumps(run))
    write_report([tmp_path / "other"], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert f"<td>{percent(summarise(tmp_path / 'other').total.normalised)}</td>" in page
    assert "no total" not in page


def test_runs_that_have_no_problem_in_common_yet_are_told(runs, tmp_path):
    for name, keep in (("one", 0), ("other", 1)):
        shutil.copytree(runs[1], tmp_path / name)
        file = tmp_path / name / "episodes.jsonl"
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(x for x in lines if json.loads(x)["number"] % 2 == keep))
    write_report([tmp_path / "one", tmp_path / "other"], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "as far as they have got" not in page
    write_report([tmp_path / "one", runs[1]], tmp_path / "part.html")
    assert "as far as they have got, the difference may be" in (tmp_path / "part.html").read_text()
    assert "have no problem in common yet" in page
    assert "episodes are missing, so there is no total." in page


def test_the_command_writes_it_and_says_what_is_wrong(runs, tmp_path, capsys, monkeypatch):
    out = tmp_path / "report.html"
    assert main(["report", *map(str, runs), "--out", str(out)]) == 0
    assert "report.html" in capsys.readouterr().out
    assert "is better" in out.read_text()
    assert main(["report", str(tmp_path / "none"), "--out", str(out)]) == 2
    assert "there is no run.json in it" in capsys.readouterr().err
    assert main(["report", str(runs[0]), str(runs[0])]) == 2
    assert "given twice" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "vl_convert", None)
    assert main(["report", str(runs[0]), "--out", str(tmp_path / "not")]) == 2
    assert "pip install 'reasoning-gym-envs[report]'" in capsys.readouterr().err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["report.html"]  # no half of one


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        (r"$x$, \(y\), \[z\] and $$w$$", ["$x$", r"\(y\)", r"\[z\]", "$$w$$"]),
        (r"it costs $5 and then $6, or \$7 and $ 8 $", []),
        (r"\boxed{\frac{1}{2}} but \boxed{north, east}", [r"\boxed{\frac{1}{2}}"]),
        ("```\n$x$\n```\n$y$", ["$y$"]),
        (r"$\newcommand{\a}{b}\a$ $\phantom{x}$ $\frac$", []),
        ("$" + "{" * 90 + "}" * 90 + "$", []),
        ("$x" + "y" * 2000 + "$", []),
    ],
)
def test_formulas_are_found(text, formulas):
    found = {}
    told = parts(text, found)
    assert [part[1] for part in told if part[0] == "math"] == formulas
    assert text_of(told) == text
    assert all(found[source] for source in formulas)


def test_a_formula_is_data_and_only_what_mathml_needs():
    found = {}
    parts(r"$\href{javascript:x}{y} \style{color:red}{z} \class{w}{\text{<b>}} a<b$", found)
    (tree,) = found.values()

    def walk(node):
        if isinstance(node, str):
            yield node
            return
        assert re.fullmatch("m[a-z]+", node[0])
        assert set(node[1]) <= {"display"}
        for child in node[2:]:
            yield from walk(child)

    assert "".join(walk(tree)) == "yz<b>a<b"


@pytest.mark.parametrize("sign", ["$", "$$", r"\[", r"\(", r"\boxed{", "```", "\n```", "$x_", "{"])
def test_signs_without_an_end_are_text(sign):
    text = sign * 5000
    assert text_of(parts(text, {})) == text


def test_mazes_are_walked_again(runs):
    seen = set()
    for record in read_episodes(runs[1]):
        maze = walked(record)
        assert (maze is not None) == record["id"].startswith("TextMaze")
        if maze:
            lines = maze["map"].split("\n")
            first, last = maze["walk"][0], maze["walk"][-1]
            assert (lines[first[0]][first[1]], lines[last[0]][last[1]]) == ("@", "E")
            assert all(lines[row][column] != "#" for row, column in maze["walk"])
            seen.add(record["id"])
    assert len(seen) == 2
    # Of another version, whose maze is another one.
    record = next(r for r in read_episodes(runs[1]) if r["id"] == "TextMaze-v0")
    assert walked({**record, "problem_id": "0" * 16}) is None
    other = [*record["messages"][:-1], {"role": "user", "content": "You win."}]
    assert walked({**record, "messages": other}) is None


# In a browser.


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    from tests.browser import chromium

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium())
        yield opened
        opened.close()


@pytest.fixture
def looked_at(browser, report):
    """Opens the report; fails the test for a word in the console, or a request."""
    contexts, said = [], []

    def look(file=report, then="", **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        address = f"file://{pathname2url(str(file))}"
        page.on("request", lambda r: r.url.startswith(address) or said.append(r.url))
        page.goto(address + then)
        page.wait_for_selector("html[data-ready]")
        return page

    yield look
    for context in contexts:
        context.close()
    assert said == []


def settled(page, text):
    """Wait until so many are found."""
    page.wait_for_function(
        "text => document.getElementById('found').textContent === text", arg=text
    )


@pytest.mark.needs_browser
def test_the_filters_choose(looked_at, runs):
    page = looked_at()
    records = [(run, r) for run, path in enumerate(runs) for r in read_episodes(path)]

    def expect(of):
        settled(page, f"{sum(map(of, records))} of {len(records)} episodes")

    def events(record):
        return {event for step in record["steps"] for event in step.get("events", ())}

    expect(lambda _: True)
    for outcome, of in {
        "right": lambda r: r[1]["is_success"],
        "wrong": lambda r: not r[1]["is_success"],
        "unreadable": lambda r: "format" in events(r[1]),
        "cut off": lambda r: r[1]["cut_off"],
    }.items():
        assert 0 < sum(map(of, records)) < len(records)
        page.check(f"input[name=outcome][value='{outcome}']")
        expect(of)
    page.check("input[value=wrong]")
    page.select_option("#of-id", label="MathBoxed-v0")
    page.select_option("#of-level", "4")
    page.select_option("#of-run", "0")

    def chosen(r):
        run, record = r
        is_of = record["id"] == "MathBoxed-v0" and record["level"] == 4
        return run == 0 and is_of and not record["is_success"]

    expect(chosen)
    assert page.locator("#list button").count() == sum(map(chosen, records)) > 0


@pytest.mark.needs_browser
def test_the_search_finds_in_what_was_said(looked_at, runs):
    page = looked_at()
    count = sum(len(list(read_episodes(run))) for run in runs)
    rough = sum(record["id"] == "MathBoxed-v0" for record in read_episodes(runs[0]))
    for words, found in (
        ("I THINK: needle", rough),  # a thought
        (r"\frac{5}{4}$, for", rough),  # in a formula and behind it
        ("<script>document", rough),
        ("nowhere said", 0),
    ):
        page.fill("#words", words)
        settled(page, f"{found} of {count} episodes")
    page.fill("#words", "turned:")
    settled(page, f"{rough} of {count} episodes")
    page.locator("#list button").first.click()
    assert page.locator("#episode mark").first.text_content() == "Turned:"


_COUNTING = """
window.unpackings = 0;
window.DecompressionStream = class extends DecompressionStream {
  constructor(format) { super(format); window.unpackings++; }
};
"""


@pytest.mark.needs_browser
def test_only_what_is_looked_at_is_unpacked(browser, runs, tmp_path, monkeypatch):
    monkeypatch.setattr("reasoning_gym_envs.evaluation.report.transcripts.PIECE", 5_000)
    write_report(runs, tmp_path / "report.html")
    page = browser.new_page()
    page.add_init_script(_COUNTING)
    page.goto(f"file://{pathname2url(str(tmp_path / 'report.html'))}")
    page.wait_for_selector("html[data-ready]")
    pieces = page.locator("[id^=piece-]").count()
    assert pieces > 10
    assert page.evaluate("window.unpackings") == 1  # the index
    assert page.locator("#list button").count() == 50
    page.locator("#after").click()
    assert page.locator("#page").inner_text() == "51–100"
    page.locator("#list button").first.click()
    page.wait_for_selector("#episode .message")
    assert page.evaluate("window.unpackings") == 2
    page.fill("#words", "nowhere said")
    count = sum(len(list(read_episodes(run))) for run in runs)
    settled(page, f"0 of {count} episodes")
    assert page.evaluate("window.unpackings") >= 1 + pieces
    page.close()


@pytest.mark.needs_browser
def test_what_a_model_wrote_is_text(looked_at):
    page = looked_at()
    page.select_option("#of-id", label="MathBoxed-v0")
    page.locator("#list button").first.click()
    reply = page.locator("#episode .assistant")
    shown = reply.inner_text()
    assert '<script>document.title = "owned"</script></script><img src=x onerror=' in shown
    assert "for $5 or $6. </section></body> <!--" in shown
    assert "Turned: U+202EabcU+202C, unseen:U+200B, alone: U+D800" in shown
    assert page.title().startswith("Report: ")
    assert page.locator("#episode script, #episode img, #episode b b, #episode a").count() == 0
    assert reply.locator("math mfrac").count() >= 3
    assert reply.locator(".code").inner_text() == CODE
    page.check("#as-written")
    assert reply.locator("math").count() == 0
    assert r"\frac{3}{4} + \frac12 = \frac{5}{4}$, for $5" in reply.inner_text()


@pytest.mark.needs_browser
def test_mazes_and_maps_are_drawn_and_steps_say_what_they_paid(looked_at, runs):
    page = looked_at()
    page.select_option("#of-run", "1")
    page.select_option("#of-id", label="TextMaze-v0")
    page.locator("#list button").first.click()
    page.wait_for_selector("#episode polyline.way")
    record = next(r for r in read_episodes(runs[1]) if r["id"] == "TextMaze-v0")
    assert page.locator("#episode .pay").count() == record["turns"]
    assert "success +1" in page.locator("#episode .pay").last.text_content()
    page.select_option("#of-id", label="Sokoban-v0")
    settled_maps = page.locator("#episode .message svg.map")
    page.locator("#list button").first.click()
    page.wait_for_function("document.querySelector('#episode h3').textContent.includes('Sokoban')")
    assert settled_maps.count() > 1
    assert settled_maps.first.locator(".k-box").count() >= 1


@pytest.mark.needs_browser
def test_the_keyboard_is_enough(looked_at):
    page = looked_at()
    page.focus("#words")
    for _ in range(9):  # to the list, past the buttons of its pages
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#list') !== null"):
            break
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#list li:nth-child(3) [aria-current=true]")
    page.wait_for_function("document.activeElement.id === 'episode'")
    assert page.locator("#episode h3").count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the one before
    page.wait_for_selector("#list li:nth-child(2) [aria-current=true]")


@pytest.mark.needs_browser
def test_points_of_plots_say_what_they_show(looked_at, runs):
    page = looked_at()
    points = page.locator('.plot [aria-roledescription="point"]')
    told = [point.get_attribute("aria-label") for point in points.all()]
    for path in runs:
        for level, scores in summarise(path).by_level.items():
            floor = f"; chance {percent(scores.floor)}%"
            end = f", level {level}: {percent(scores.success)}%{floor}"
            assert sum(text.endswith(end) for text in told) >= 1
    assert not page.locator("#tip").is_visible()
    points.first.hover()
    assert page.locator("#tip").inner_text() == told[0]


@pytest.mark.needs_browser
def test_an_episode_has_an_address(looked_at):
    page = looked_at()
    page.locator("#list button").nth(7).click()
    page.wait_for_selector("#episode h3")
    title, address = page.locator("#episode .facts").inner_text(), page.url
    again = looked_at(then="#" + address.partition("#")[2])
    again.wait_for_selector("#episode h3")
    assert again.locator("#episode .facts").inner_text() == title


@pytest.mark.needs_browser
def test_a_phone_is_wide_enough(browser, looked_at):
    page = looked_at(has_touch=True, is_mobile=True)
    page.set_viewport_size({"width": 360, "height": 740})

    def fits():
        return page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    assert fits()
    page.select_option("#of-id", label="MathBoxed-v0")
    page.locator("#list button").first.tap()
    page.wait_for_selector("#episode .assistant")
    assert fits()
    assert not page.locator("#list").is_visible()
    page.locator("#back").tap()
    assert page.locator("#list").is_visible()
    page.locator("#list button").first.tap()
    page.wait_for_selector("#list", state="hidden")
    page.select_option("#of-level", "1")
    page.wait_for_selector("#list", state="visible")


@pytest.mark.needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(looked_at, scheme):
    """What axe-core finds, contrast included, in both schemes."""
    from axe_playwright_python.sync_playwright import Axe

    page = looked_at(color_scheme=scheme, bypass_csp=True)
    page.add_style_tag(content=".message { content-visibility: visible }")  # axe skips the unseen
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (light == "rgb(255, 255, 255)") == (scheme == "light")
    for details in page.locator("section details").all():
        details.evaluate("element => { element.open = true }")
    for id in ("MathBoxed-v0", "TextMaze-v0"):
        page.select_option("#of-id", label=id)
        page.locator("#list button").first.click()
        page.wait_for_function(
            "id => document.querySelector('#episode h3')?.textContent.startsWith(id)", arg=id
        )
        violations = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
