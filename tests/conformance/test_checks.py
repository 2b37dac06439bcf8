"""The public conformance kit: a sound environment passes, and each fault is found by its check."""

import gymnasium as gym
import pytest

from reasoning_gym_envs.cli import main
from reasoning_gym_envs.conformance import CHECKS, check_environment
from tests.conformance.environments import FAULTS, Sums


def statuses(id, **arguments):
    return {finding.check: finding.status for finding in check_environment(id, **arguments)}


@pytest.mark.parametrize("id", ["MathBoxed-v0", "TowerOfHanoi-v0", "EquationSteps-v0"])
def test_our_own_pass(id):
    assert statuses(id) == dict.fromkeys(CHECKS, "passed")


def test_an_environment_of_others_passes():
    assert statuses("Sums-v0") == dict.fromkeys(CHECKS, "passed")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda kind: kind.__name__)
def test_each_fault_is_found(fault):
    findings = {f.check: f for f in check_environment(f"{fault.__name__}-v0")}
    found = findings[FAULTS[fault]]
    assert found.status == "failed", found
    assert found.detail


def test_what_is_missing_does_not_apply():
    """No solution, no levels, no split: of that there is nothing to be seen."""

    class Bare(Sums):
        solution = None

        def __init__(self):
            super().__init__()

        def step(self, action):
            *rest, info = super().step(action)
            info.pop("reward_terms")
            return (*rest, info)

    gym.register("Bare-v0", Bare)
    try:
        found = statuses("Bare-v0")
    finally:
        del gym.registry["Bare-v0"]
    missing = {"solution", "reward terms", "failure pays less", "floor", "split", "secrets"}
    missing.add("another process")  # the class is no name that can be imported
    assert found.pop("copies") == "failed"  # and so has no pickle
    assert {name for name, status in found.items() if status == "does not apply"} == missing
    assert {status for name, status in found.items() if name not in missing} == {"passed"}


def test_a_part_and_arguments():
    (finding,) = check_environment("TextMaze-v0", only=["speed"], level=3)
    assert finding.check == "speed"
    assert "episodes" in str(finding)
    with pytest.raises(ValueError, match="did you mean 'speed'"):
        next(check_environment("TextMaze-v0", only=["sped"]))
    with pytest.raises(ValueError, match="no text environment"):
        next(check_environment("CartPole-v1"))


def test_the_command(capsys):
    assert main(["check-env", "Sums-v0", "--arg", "level=3", "--only", "attacks"]) == 0
    assert capsys.readouterr().out.startswith("passed          attacks: 29 attacks")
    assert main(["check-env", "CoinFlip-v0", "--only", "floor"]) == 1
    assert capsys.readouterr().out.startswith("failed          floor: level 5: chance solves")
    assert main(["check-env", "NoSuch-v0"]) == 2
    assert main(["check-env", "no_such_module:Env-v0"]) == 2
    assert main(["check-env", "TextMaze-v0", "--arg", "viev=map"]) == 2
    assert "did you mean 'view'" in capsys.readouterr().err


def test_the_command_imports_a_module_that_lies_here(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.py").write_text(
        "import gymnasium as gym\n"
        "from tests.conformance.environments import Sums\n"
        "gym.register('Mine-v0', Sums)\n"
    )
    monkeypatch.chdir(tmp_path)
    try:
        assert main(["check-env", "mine:Mine-v0", "--only", "same seed"]) == 0
    finally:
        gym.registry.pop("Mine-v0", None)
