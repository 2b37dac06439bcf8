"""The package as its users get it: light to import, whole in a wheel, typed."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reasoning_gym_envs import ENVIRONMENTS

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "transformers", "sympy", "mpmath", "docker", "matplotlib", "datasets", "pandas")


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


@pytest.mark.slow
def test_the_wheel_works_alone_in_an_empty_environment(tmp_path):
    run(sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT))
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
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

    run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    python = str(tmp_path / "venv" / "bin" / "python")
    constraints = str(ROOT / "constraints.txt")
    run(python, "-m", "pip", "install", "--quiet", "-c", constraints, str(wheel))
    installed = run(python, "-m", "pip", "list", "--format=freeze").lower()
    assert "torch" not in installed
    program = (
        "import gymnasium as gym, reasoning_gym_envs;"
        "env = gym.make('MathBoxed-v0', level=7, reward='dense'); env.reset(seed=1);"
        "print(env.step(env.unwrapped.solution()[0])[4]['is_success'])"
    )
    assert run(python, "-c", program, cwd=tmp_path).strip() == "True"
    program = (
        "import gymnasium as gym; env = gym.make('reasoning_gym_envs:LightsOut-v0',"
        "render_mode='rgb_array'); env.reset(seed=1); print(env.render().shape)"
    )
    assert run(python, "-c", program, cwd=tmp_path).strip() == "(624, 1008, 3)"
    command = str(tmp_path / "venv" / "bin" / "reasoning-gym-envs")
    assert run(command, "check", r"\boxed{6/8}", "3/4", cwd=tmp_path).startswith("correct\n")


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
