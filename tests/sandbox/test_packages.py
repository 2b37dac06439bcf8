"""Packages in an image: installed from wheels, named by labels, imported by submissions."""

import contextlib

import pytest

from reasoning_gym_envs.sandbox import DockerSandbox, Limits, ProcessSandbox, Submission
from reasoning_gym_envs.sandbox.engine import owner
from reasoning_gym_envs.sandbox.images import build, default_image
from reasoning_gym_envs.sandbox.packages import (
    FOLDER,
    Contents,
    contents_of,
    install,
    labels_of,
    modules_of,
    tag_of,
)
from reasoning_gym_envs.sandbox.submission import MEGABYTE, SandboxUnavailable
from tests.sandbox.engine import needs_engine
from tests.sandbox.wheels import make_wheel

# The SDK leaves the sockets of streamed answers to be collected.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SHAPES = {
    "shapes/__init__.py": "from units import METRE\nSIDES = {'square': 4}\n",
    "shapes/solid.py": "FACES = {'cube': 6}\n",
    # Not what `import heapq` gives, here or in the runner.
    "heapq.py": "raise SystemExit('the wrong heapq')\n",
    "shapes/flat.py": "",
    "shapes/deep/__init__.py": "",
    "shapes/deep/inner.py": "",
    # What takes a second and 100 MB to import, what fails, and what crashes.
    "shapes/heavy.py": "import time\nwhile time.process_time() < 1: pass\nheap = b'x' * 10**8\n",
    "shapes/failing.py": "raise ImportError('no such shape')\n",
    "shapes/fatal.py": "import os\nos.abort()\n",
    "shapes/template.py": "{{ this is not Python }}\n",
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A folder with two wheels; pip looks there alone."""
    folder = tmp_path_factory.mktemp("wheels")
    make_wheel(folder, "Shapes", SHAPES, needs="units")
    make_wheel(folder, "units", {"units.py": "METRE = 1\n"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(folder))
        yield folder


def test_the_tag_names_the_packages(monkeypatch):
    assert tag_of(()) == ""
    names = ["scikit-learn>=1.5", "numpy==2.1.3", "Pillow", "pandas[excel]", "a @ file:///b/c.whl"]
    assert tag_of(names) == "Pillow-a-numpy-pandas-scikit-learn"
    monkeypatch.delenv("REASONING_GYM_ENVS_SANDBOX_IMAGE", raising=False)
    assert default_image(["numpy"]) == f"{default_image()}-numpy"
    assert len(default_image(["package"] * 99).partition(":")[2]) == 128


def test_what_an_image_has_in_words():
    versions = {"a": "1.0", "b": "2", "c": "3", "needed": "4"}
    assert str(Contents("3.12.4", versions)) == "Python 3.12.4"
    for requested, words in (
        ("a", "a 1.0"),
        ("ab", "a 1.0 and b 2"),
        ("abc", "a 1.0, b 2 and c 3"),
    ):
        assert str(Contents("3.12.4", versions, tuple(requested))) == f"Python 3.12.4 with {words}"


def test_labels_tell_what_an_image_has():
    has = Contents("3.12.4", {"a": "1.0", "b-c": "2"}, ("b-c",), frozenset({"a", "b_c"}))
    assert contents_of({"Config": {"Labels": {**labels_of(has), "other": "x"}}}) == has
    for labels in (None, {}, {"other": "x"}):
        assert contents_of({"Config": {"Labels": labels}}) == Contents("")


def test_what_pip_unpacks(shelf, tmp_path):
    contents = install(["shapes"], "3.12.4", "x86_64", "2.36", tmp_path)
    assert contents.python == "3.12.4"
    assert contents.packages == {"shapes": "1.0", "units": "1.0"}
    assert contents.requested == ("shapes",)
    assert contents.modules == {"shapes", "heapq", "units"}
    assert modules_of(tmp_path, ["units"]) == ["units"]
    assert (tmp_path / "shapes/solid.py").read_text() == SHAPES["shapes/solid.py"]


@pytest.mark.parametrize("requirements", [["no-such-package"], ["--help"], ["units", "units==2"]])
def test_what_pip_cannot_install(shelf, tmp_path, requirements):
    with pytest.raises(SandboxUnavailable, match="pip could not install") as caught:
        install(requirements, "3.12.4", "x86_64", "2.36", tmp_path)
    assert "To fix it:" in str(caught.value)


def test_nothing_of_a_package_runs_on_the_host(shelf, tmp_path):
    """Whatever is no wheel would be built by its own code."""
    trap = tmp_path / "trap"
    source = tmp_path / "trapped"
    source.mkdir()
    (source / "setup.py").write_text(f"open({str(trap)!r}, 'w')\nimport setuptools\n")
    with pytest.raises(SandboxUnavailable):
        install([str(source)], "3.12.4", "x86_64", "2.36", tmp_path / "tree")
    assert not trap.exists()


@pytest.fixture(scope="module")
def image(shelf):
    """An image with them; its name."""
    from reasoning_gym_envs.sandbox.engine import connect

    name = f"reasoning-gym-envs-test-packages:{owner().replace(':', '-')}"
    with contextlib.closing(connect()) as api:
        try:
            # Any image with an interpreter serves as the source.
            build(api, "registry", name, source=default_image(), requirements=["shapes"])
            yield name
        finally:
            with contextlib.suppress(Exception):
                api.remove_image(name, force=True)


@pytest.mark.slow
@needs_engine
def test_an_image_with_packages(image):
    source = "import heapq, os, shapes.solid, sys\nfrom shapes import SIDES as sides\nn = 6\n"
    tests = {
        "shapes.solid.FACES['cube'] + shapes.METRE": 7,
        "sides": {"dict": [["square", 4]]},
        "heapq.nlargest(1, [1, 3, 2])": [3],
        "os.path.exists(shapes.__cached__)": True,
        "sys.path[-1]": FOLDER,
    }
    with DockerSandbox(boxes=1, image=image) as sandbox:
        outcomes = sandbox.run(Submission(source, tuple(tests)))
        assert [outcome.value for outcome in outcomes] == list(tests.values()), outcomes
        contents = sandbox.contents
        assert sandbox.told == f"Python {contents.python} with shapes 1.0"
    assert contents.packages == {"shapes": "1.0", "units": "1.0"}
    assert contents.requested == ("shapes",)
    assert contents.modules == {"shapes", "heapq", "units"}
    with DockerSandbox(boxes=1) as plain:
        assert plain.contents == Contents(contents.python)
        (outcome,) = plain.run(Submission("import shapes", ("1",)))
        assert "No module named 'shapes'" in outcome.message
        (outcome,) = plain.run(Submission("import sys", (f"{FOLDER!r} in sys.path",)))
        assert outcome.value is False


IMPORTING = """
import sys
def unused():
    "import json is in every child"
    import shapes.solid as s, units, no_such_package  # , shapes.failing
    from shapes import (
        flat,
        SIDES as sides,
    )
    from shapes.deep import inner; import shapes.heavy_or_not
"""


@pytest.mark.slow
@needs_engine
def test_packages_are_imported_before_the_time_of_a_submission_begins(image):
    tight = Limits(seconds=0.5, wall_seconds=60, total_seconds=60, memory=50 * MEGABYTE)
    with DockerSandbox(boxes=1, image=image) as sandbox:

        def statuses(source, *tests, kind="calls"):
            submission = Submission(source, tests, kind, limits=tight)
            return [outcome.status for outcome in sandbox.run(submission)]

        imported = "sorted(name for name in sys.modules if name[:5] in ('shape', 'units'))"
        (outcome,) = sandbox.run(Submission(IMPORTING, (imported,)))
        wanted = ["shapes", "shapes.deep", "shapes.deep.inner", "shapes.flat", "shapes.solid"]
        assert outcome.value == [*wanted, "units"]

        heavy = "import shapes.heavy\n"
        assert statuses(heavy, "1", "shapes.heavy.no", "len(shapes.heavy.heap)") == [
            *("returned", "crash", "returned")
        ]
        assert statuses(heavy, "", "", kind="programs") == ["returned"] * 2
        # What it does itself counts as ever, and how else it imports is its own.
        assert statuses(f"{heavy}while True: pass", "1") == ["timeout"]
        assert statuses("__import__('shapes.heavy')", "1") == ["timeout"]
        assert statuses(f"{heavy}more = b'x' * 10**8", "1") == ["memory"]
        assert statuses("from shapes import failing", "1") == ["crash"]
        assert statuses("try: import shapes.failing\nexcept ImportError: pass", "1") == ["returned"]
        # It is the submission that wanted it.
        assert statuses("import shapes.fatal", "1", "2") == ["crash", "crash"]
        assert statuses("x = 1", "x") == ["returned"]
    with DockerSandbox(boxes=1, image=image, memory=100 * MEGABYTE) as small:
        limits = Limits(memory=10 * MEGABYTE)
        outcomes = small.run(Submission(heavy, ("1", "2"), limits=limits))
        assert [outcome.status for outcome in outcomes] == ["memory", "memory"]
        (outcome,) = small.run(Submission("x = 1", ("x",), limits=limits))
        assert outcome.status == "returned"


@pytest.mark.slow
@needs_engine
def test_an_image_whose_packages_cannot_be_imported(api, shelf, tmp_path):
    wheel = make_wheel(tmp_path, "broken", {"broken.py": "import no_such_module\n"})
    name = f"reasoning-gym-envs-test-broken:{owner().replace(':', '-')}"
    with pytest.raises(SandboxUnavailable, match=r"cannot import broken \(No module named"):
        build(api, "registry", name, source=default_image(), requirements=[str(wheel)])
    assert not api.images(name)


def test_without_isolation_there_are_no_packages():
    with ProcessSandbox(boxes=1) as sandbox:
        assert sandbox.contents.packages == {}
        (outcome,) = sandbox.run(Submission("import numpy", ("1",)))
        (version,) = sandbox.run(Submission("import sys", ("sys.version.split()[0]",)))
        assert version.value == sandbox.contents.python
    assert "No module named 'numpy'" in outcome.message
