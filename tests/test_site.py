"""The site: built without a warning, whole, and good to use without a network."""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import threading
from functools import cached_property, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from inspect import isclass, isfunction
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from filelock import FileLock

pytest.importorskip("sphinx", reason="the site is built by the extra docs")
pytest.importorskip("torch", reason="the site lists the agents")

from docs.navigation import FAMILY_PAGES, kinds, menus
from reasoning_gym_envs import ENVIRONMENTS
from tests.browser import chromium, missing_browser

ROOT = Path(__file__).parent.parent
PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1280, "height": 800}
SHOWN = (  # one of each kind
    "index",
    "environments/index",
    "environments/puzzles",
    "environments/MathBoxed-v0",
    "agents/ppo",
    "course/4_rewards_that_cannot_be_hacked",
    "benchmark",
    "reference/wrappers",
    "search",
)
needs_browser = [
    pytest.mark.needs_browser,
    pytest.mark.skipif(bool(missing_browser()), reason=str(missing_browser())),
]


def command_of_make(out, source=None, *options):
    """What `make docs` builds the site with, for another folder."""
    lines = subprocess.run(
        ["make", "-n", "docs"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    (line,) = [line for line in lines if "sphinx-build" in line]
    _, *words = shlex.split(line)
    words[words.index("-d") + 1] = f"{out}.doctrees"
    words[-2:] = [str(source or words[-2]), str(out)]
    return [sys.executable, "-m", "sphinx", *options, *words]


def build(out, source=None, *options):
    return subprocess.run(
        command_of_make(out, source, *options),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site, built once for all workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "site"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            finished = build(folder)
            if finished.returncode:
                shutil.rmtree(folder, ignore_errors=True)
            assert finished.returncode == 0, finished.stderr
    return folder


class Page(HTMLParser):
    """What tests read of a page."""

    def __init__(self, file):
        super().__init__()
        self.ids, self.links, self.loads, self.classes, self.rel = set(), [], [], [], {}
        self.text = file.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "id" in given:
            self.ids.add(given["id"])
        self.classes += (given.get("class") or "").split()
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") in ("next", "prev"):
            self.rel[given["rel"]] = given["href"]
        elif tag in ("script", "img", "iframe", "source", "video") and given.get("src"):
            self.loads.append(given["src"])
        elif tag == "link" and given.get("rel") in (
            "stylesheet",
            "icon",
            "preload",
            "shortcut icon",
        ):
            self.loads.append(given["href"])

    @cached_property
    def words(self):
        return re.sub(r"<[^>]*>", "", self.text)


@pytest.fixture(scope="session")
def pages(site):
    files = sorted(file for file in site.rglob("*.html") if "_static" not in file.parts)
    return {file.relative_to(site).with_suffix("").as_posix(): Page(file) for file in files}


# The pages, as they are written. ------------------------------------------------------------------


def test_links_lead_to_pages_and_places_that_exist(site, pages):
    count = 0
    for name, page in pages.items():
        for link in page.links + page.loads:
            if re.match(r"https?:|data:|mailto:", link):
                continue
            path, place = urldefrag(urljoin(f"{name}.html", link.partition("?")[0]))
            assert (site / unquote(path)).is_file(), (name, link)
            target = pages.get(path.removesuffix(".html"))
            if place and target:
                assert unquote(place) in target.ids, (name, link)
                count += 1
    assert count > 500


def test_nothing_is_loaded_from_elsewhere(site, pages):
    for name, page in pages.items():
        assert not [source for source in page.loads if re.match(r"(https?:)?//", source)], name
    for sheet in (site / "_static").rglob("*.css"):
        found = re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", sheet.read_text("utf-8"))
        assert not found, sheet


def test_every_page_of_the_repository_is_in_the_menus(pages):
    sources = (ROOT / "docs" / "pages").rglob("*")
    wanted = {
        file.relative_to(ROOT / "docs" / "pages").with_suffix("").as_posix()
        for file in sources
        if file.suffix in (".md", ".ipynb")
    }
    listed = {
        name.lstrip("/") for found in menus().values() for menu in found for _, name in menu.pages
    }
    assert listed == wanted - {"index"}
    assert wanted <= pages.keys()


def test_next_leads_through_all_pages_and_previous_back(pages):
    name, visited = "index", ["index"]
    while "next" in pages[name].rel:
        following = urljoin(f"{name}.html", pages[name].rel["next"]).removesuffix(".html")
        assert urljoin(f"{following}.html", pages[following].rel["prev"]) == f"{name}.html"
        name = following
        visited.append(name)
    assert sorted(visited) == sorted(set(pages) - {"search", "genindex", "py-modindex"})
    for family in FAMILY_PAGES:
        for ids in kinds(family):  # TextMazeBoxed comes after TextMaze
            start = visited.index(f"environments/{ids[0]}")
            assert visited[start : start + len(ids)] == [f"environments/{id}" for id in ids]


def test_the_index_of_environments_has_every_id_once(pages):
    page = pages["environments/index"]
    article = page.text.partition("<article")[2].partition("</article>")[0]
    for id, entry in ENVIRONMENTS.items():
        (row,) = [row for row in re.findall(r"<tr.*?</tr>", article, re.DOTALL) if f">{id}<" in row]
        assert f'href="{id}.html"' in row
        cells = [
            re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)
        ]
        assert cells[2:] == [
            entry.answered_by,
            f"{min(entry.pools)}–{max(entry.pools)}",
            "sparse, dense, shaped",
        ]


def test_the_reference_has_the_public_names(pages):
    import reasoning_gym_envs
    from reasoning_gym_envs import answers, wrappers

    wanted = {"reasoning_gym_envs": set(reasoning_gym_envs.__all__) - {"ENVIRONMENTS", "Snapshot"}}
    for module in (answers, wrappers):
        things = {name: getattr(module, name) for name in module.__all__}
        wanted[module.__name__] = {
            name for name, thing in things.items() if isclass(thing) or isfunction(thing)
        }
    ids = set().union(*(page.ids for name, page in pages.items() if name.startswith("reference/")))
    for module, names in wanted.items():
        for name in names:
            assert f"{module}.{name}" in ids


def test_notebooks_are_pages_with_what_their_cells_print_and_draw(pages):
    for source in sorted((ROOT / "docs" / "pages" / "course").glob("*.ipynb")):
        page = pages[f"course/{source.stem}"]
        assert sum(load.startswith("data:image/png;base64,") for load in page.loads) >= 1
        assert "highlight-python" in page.classes
        assert "highlight-text" in page.classes
        assert "raise NotImplementedError" in page.words


# What the builder is told. ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A site of one page with a link to nowhere, and an address of the repository."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "pages").mkdir()
    (folder / "pages" / "index.md").write_text("# One\n\n[away](nowhere.md), ![no](none.png)\n")
    address = "repository=https://example.org/repository"
    return folder / "site", build(folder / "site", folder / "pages", "-A", address)


def test_a_broken_link_breaks_the_build(small):
    _, finished = small
    assert finished.returncode != 0
    assert "nowhere.md" in finished.stderr
    assert "none.png" in finished.stderr


def test_pages_link_to_the_repository_once_it_has_an_address(small, pages, tmp_path):
    page = Page(small[0] / "index.html")
    assert "https://example.org/repository" in page.links
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "conf.py", tmp_path / "docs")
    project = '[project]\nversion = "1"\n'
    for urls, wanted in (
        ("", ""),
        ('[project.urls]\nRepository = "https://example.org"', "https://example.org"),
    ):
        (tmp_path / "pyproject.toml").write_text(project + urls)
        settings = runpy.run_path(str(tmp_path / "docs" / "conf.py"))
        assert settings["html_context"]["repository"] == wanted
    sys.path.remove(str(tmp_path))
    address = runpy.run_path(str(ROOT / "docs" / "conf.py"))["repository"]
    sys.path.remove(str(ROOT))
    assert ("repository" in pages["index"].classes) == bool(address)


# The pages, as they are seen. ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(site):
    """Where a server of the test gives the site out."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tab(browser):
    """Opens a page, and keeps what it requests and what it logs."""
    contexts = []

    def opened(url, viewport=SCREEN, **options):
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.errors = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda said: page.errors.append((said.type, said.text)))
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()


def left_the_site(page):
    """The requests to anywhere but the site."""
    own = re.match(r"file:///|http://127\.0\.0\.1:\d+/", page.url)[0]
    return [url for url in page.requests if not url.startswith((own, "data:", "blob:"))]


def background(page):
    """How light the page is, from 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3


@pytest.mark.usefixtures("site")
class TestInABrowser:
    pytestmark = needs_browser

    def test_all_pages_fit_a_phone_need_no_network_and_log_no_error(self, site, pages, tab):
        page = tab((site / "index.html").as_uri(), PHONE)
        for name in pages:
            page.goto((site / f"{name}.html").as_uri())
            widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert widths[0] <= widths[1], name
        assert left_the_site(page) == []
        assert page.errors == []

    @pytest.mark.parametrize(("scheme", "viewport"), [("light", SCREEN), ("dark", PHONE)])
    def test_axe_finds_nothing_serious(self, site, tab, scheme, viewport):
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        page = tab((site / "index.html").as_uri(), viewport, color_scheme=scheme)
        for name in SHOWN:
            page.goto((site / f"{name}.html").as_uri())
            found = axe.run(page).response
            assert len(found["passes"]) > 15
            serious = [
                (each["id"], each["nodes"][0]["html"])
                for each in found["violations"]
                if each["impact"] in ("serious", "critical")
            ]
            assert serious == [], name

    def test_formulas_are_drawn(self, site, tab):
        page = tab((site / "agents" / "ppo.html").as_uri())
        assert page.locator(".formula math").count() == 2
        above, below = (
            page.locator(".formula mfrac > *").nth(place).bounding_box() for place in (0, 1)
        )
        assert above["y"] + above["height"] <= below["y"] + 2 < below["y"] + below["height"]
        assert not re.search(r"\$|\\\w", page.locator("article").inner_text())

    def test_it_is_dark_where_the_system_is_and_where_a_reader_wants_it(self, site, tab):
        url = (site / "index.html").as_uri()
        assert background(tab(url, color_scheme="dark")) < 50
        page = tab(url, color_scheme="light")
        assert background(page) > 200
        switch = page.locator(".theme-toggle:visible").first
        for _ in range(3):
            switch.click()
            if background(page) < 50:
                break
        assert background(page) < 50
        page.goto((site / "guide.html").as_uri())
        assert background(page) < 50  # on the next page, too

    @pytest.mark.parametrize("through", ["a server", "files"])
    def test_search_finds_an_environment(self, site, address, tab, through):
        start = address + "index.html" if through == "a server" else (site / "index.html").as_uri()
        page = tab(start)
        page.locator(".sidebar-search").fill("MathBoxed")
        page.locator(".sidebar-search").press("Enter")
        found = page.locator('#search-results a[href*="environments/MathBoxed-v0.html"]').first
        found.wait_for()
        found.click()
        assert page.locator("h1").inner_text().startswith("MathBoxed-v0")
        assert left_the_site(page) == []

    def test_readers_go_on_to_the_next_page(self, site, tab):
        page = tab((site / "index.html").as_uri())
        page.locator("a.next-page").click()
        assert page.locator("h1").inner_text().startswith("All environments")
        page.locator("a.prev-page").click()
        assert page.locator("h1").inner_text().startswith("reasoning_gym_envs")

    def test_code_is_copied_without_its_prompts(self, address, tab):
        page = tab(address + "answers.html", permissions=["clipboard-read", "clipboard-write"])
        blocks = page.locator("div.highlight")
        page.locator("button.copybtn").nth(blocks.count() - 1).wait_for(state="attached")
        assert page.locator("button.copybtn").count() == blocks.count()
        block = blocks.filter(has_text=">>> ").first
        block.hover()
        block.locator("button.copybtn").click()
        page.wait_for_function("navigator.clipboard.readText().then(text => text.length)")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied
        assert ">>>" not in copied
        assert copied.splitlines()[0] in block.inner_text()

    def test_the_front_page_shows_everything_on_one_screen(self, site, tab):
        page = tab((site / "index.html").as_uri())
        parts = page.locator(".front > div")
        assert parts.count() == 6
        for part in parts.all():
            box = part.bounding_box()
            assert box["y"] + box["height"] <= SCREEN["height"]
            assert part.locator("article a[href], a[href]").count() >= 1
        for picture in page.locator(".front img").all():
            assert picture.evaluate("image => image.naturalWidth") > 400
        assert page.locator(".shown table tbody tr").count() >= 3
        for card in page.locator(".ways > div").all():
            code = card.locator("pre")
            assert code.count() == 1
            assert code.evaluate("code => code.scrollWidth <= code.clientWidth")

    def test_tables_scroll_on_phones(self, site, tab):
        page = tab((site / "environments" / "index.html").as_uri(), PHONE)
        table = page.locator(".table-wrapper").first
        assert table.evaluate("table => table.scrollWidth > table.clientWidth")
        table.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('.table-wrapper').scrollLeft > 0")
