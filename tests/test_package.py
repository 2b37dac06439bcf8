"""The package as its users get it: light to import, whole in a wheel, typed."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from reasoning_gym_envs import ENVIRONMENTS

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "transformers", "sympy", "mpmath", "docker", "matplotlib", "datasets", "pandas",
         "prompt_toolkit")  # fmt: skip


def run(*command, **options):
    finished = subprocess.run(command, capture_output=True, text=True, **options)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.mark.parametrize("module", ["reasoning_gym_envs", "reasoning_gym_envs.math.boxed"])
def test_importing_loads_nothing_heavy(module):
    program = f"import sys, {module}; print(sorted({HEAVY!r} & sys.modules.keys()))"
    program = program.replace(repr(HEAVY), f"set({HEAVY!r})")
    assert run(sys.executable, "-c", program).strip() == "[]"


def test_playing_an_episode_loads_no_deep_learning():
    program = (
        "import sys, gymnasium as gym, reasoning_gym_envs;"
        "env = gym.make('MathBoxed-v0', level=5, reward='dense'); env.reset(seed=0);"
        "env.step(env.unwrapped.solution()[0]);"
        f"print(sorted(set({HEAVY!r}) & sys.modules.keys()))"
    )
    assert run(sys.executable, "-c", program).strip() == "[]"


def test_gymnasium_finds_the_ids_by_module_name():
    program = (
        "import gymnasium as gym; env = gym.make('reasoning_gym_envs:MathBoxed-v0');"
        "print(env.reset(seed=0)[1]['level'])"
    )
    assert run(sys.executable, "-c", program).strip() == "1"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The wheel and the source distribution from which it is built, as an index has them."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT))
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


@pytest.mark.slow
def test_the_metadata_is_right(built):
    said = run(sys.executable, "-m", "twine", "check", "--strict", *map(str, built))
    assert said.count("PASSED") == 2


@pytest.mark.slow
def test_the_description_has_no_link_that_leads_nowhere_on_an_index(built):
    with zipfile.ZipFile(built[0]) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    assert metadata["Description-Content-Type"] == "text/markdown"
    text = metadata.get_payload(decode=True).decode()
    assert [link for link in re.findall(r"\]\(([^)]*)\)", text) if "://" not in link] == []
    assert "![" not in text
    assert "<!--" not in text
    # what was a link is words, and the rest is there
    assert "| `MathBoxed-v0` | A question from" in text
    assert "* The guide: rewards, seeds" in text
    blocks = re.compile(r"^```.*?^```", flags=re.DOTALL | re.MULTILINE)
    assert blocks.findall(text) == blocks.findall((ROOT / "README.md").read_text("utf-8"))


@pytest.mark.slow
def test_what_is_in_the_wheel(built):
    with zipfile.ZipFile(built[0]) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        "reasoning_gym_envs",
        "reasoning_gym_envs_verifiers.py",
    }
    assert {"reasoning_gym_envs/py.typed", "reasoning_gym_envs/pools.json"} <= set(names)
    pictures = {f"reasoning_gym_envs/pictures/{name}" for name in ("glyphs.npz", "OFL.txt")}
    assert pictures <= set(names)
    sources = {str(p.relative_to(ROOT)) for p in (ROOT / "reasoning_gym_envs").rglob("*.py")}
    assert sources <= set(names)


PYTHONS = ("3.10", "3.11", "3.12", "3.13")
DEPENDENCIES = {"gymnasium", "numpy", "mpmath"}
OF_GYMNASIUM = {"cloudpickle", "farama-notifications", "typing-extensions"}


def interpreter(version):
    """A Python of a version, if there is one: this one, on the path, or one that pyenv has."""
    if "{}.{}".format(*sys.version_info) == version:
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for command in (shutil.which(f"python{version}"), *pyenv.glob(f"{version}.*/bin/python")):
        if command and subprocess.run([command, "-c", "import ensurepip, venv"]).returncode == 0:
            return str(command)
    return None


@pytest.mark.slow
@pytest.mark.parametrize("version", PYTHONS)
def test_the_wheel_works_alone_in_an_empty_environment(built, version, tmp_path):
    """With three packages and what one of them needs, nothing of which has to be compiled."""
    found = interpreter(version)
    if found is None:
        pytest.skip(f"there is no Python {version} here")
    # A path with the checkout in it would let pip think that the package is there.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def call(command, *words):
        path = str(tmp_path / "venv" / "bin" / command)
        return run(path, *words, cwd=tmp_path, env=environment)

    run(found, "-m", "venv", str(tmp_path / "venv"), env=environment)
    ready_made = ("--quiet", "--only-binary=:all:", "-c", str(ROOT / "constraints.txt"))
    call("python", "-m", "pip", "install", *ready_made, str(built[0]))
    listed = call("python", "-m", "pip", "list", "--format=freeze").lower().split()
    installed = {line.partition("==")[0].replace("_", "-") for line in listed}
    expected = {"reasoning-gym-envs", *DEPENDENCIES, *OF_GYMNASIUM}
    assert installed - {"pip", "setuptools"} == expected
    program = (
        "import sys; print('%d.%d' % sys.version_info[:2]);"
        "import gymnasium as gym, reasoning_gym_envs;"
        "env = gym.make('MathBoxed-v0', level=7, reward='dense'); env.reset(seed=1);"
        "print(env.step(env.unwrapped.solution()[0])[4]['is_success'])"
    )
    assert call("python", "-c", program).split() == [version, "True"]
    program = (
        "import gymnasium as gym; env = gym.make('reasoning_gym_envs:LightsOut-v0',"
        "render_mode='rgb_array'); env.reset(seed=1); print(env.render().shape)"
    )
    assert call("python", "-c", program).strip() == "(624, 1008, 3)"
    call("python", "-m", "compileall", "-q", "-f", str(tmp_path / "venv" / "lib"))
    assert call("reasoning-gym-envs", "check", r"\boxed{6/8}", "3/4").startswith("correct\n")


def test_every_python_that_the_wheel_is_tried_with_is_promised():
    promised = re.findall(r"Python :: (3\.[0-9]+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert tuple(promised) == PYTHONS


@pytest.mark.parametrize(
    ("id", "extra", "package"),
    [
        ("CodeFunction-v0", "code", "docker"),
        ("CodeRepair-v0", "code", "docker"),
        ("ReasoningGym-v0", "reasoning-gym", "reasoning_gym"),
    ],
)
def test_an_id_whose_extra_is_missing_is_registered_and_says_so(id, extra, package):
    """Gymnasium's own error, with the command that helps."""
    program = (
        f"import sys; sys.modules[{package!r}] = None\n"  # as if it were not installed
        "import gymnasium as gym, reasoning_gym_envs\n"
        f"print({id!r} in gym.registry, reasoning_gym_envs.ENVIRONMENTS[{id!r}].needs)\n"
        f"try:\n    gym.make({id!r})\n"
        "except gym.error.DependencyNotInstalled as error:\n    print(error)"
    )
    said = run(sys.executable, "-c", program, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert said.startswith(f"True {extra}\n")
    assert f"pip install 'reasoning-gym-envs[{extra}]'" in said


def test_what_an_id_needs_is_an_extra():
    metadata = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for entry in ENVIRONMENTS.values():
        assert not entry.needs or re.search(rf"^{entry.needs} = \[", metadata, flags=re.MULTILINE)
