"""Settings that depend on the model, its size and its prompts: what was used is on record."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
import torch

from agents.common.language_model import LanguageModel, _fast_products, tiny
from agents.common.sizes import GRPO_BY_SIZE, IMITATION_BY_SIZE, SMALL, TINY, settled
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.commands import main

KWARGS = {"topics": ["integer_arithmetic"], "level": 1, "instruction": ""}


def grpo(**changes) -> GRPOConfig:
    small = {"env_kwargs": KWARGS, "groups": 2, "group_size": 2, "updates": 2, "eval_problems": 4}
    return GRPOConfig(**small | {"device": "cpu"} | changes)


def small_model() -> LanguageModel:
    """Six million random weights."""
    return tiny(hidden_size=512, layers=2, heads=8, intermediate_size=1536)


def test_tiny_models_have_the_settings_that_were_tuned_for_them():
    config = GRPO(grpo()).config
    assert (config.learning_rate, config.max_new_tokens) == (2e-4, 48)
    assert config.dtype == "float32"
    config = Imitation(ImitationConfig(device="cpu")).config
    assert (config.learning_rate, config.max_new_tokens) == (4e-3, 48)


def test_larger_ones_learn_more_slowly_and_say_more():
    policy = small_model()
    agent = GRPO(grpo(), policy)
    config = agent.config
    assert (config.learning_rate, config.max_new_tokens) == (1e-5, 256)
    assert agent.optimizer.param_groups[0]["lr"] == 1e-5
    agent = Imitation(ImitationConfig(device="cpu"), policy)
    assert (agent.config.learning_rate, agent.optimizer.param_groups[0]["lr"]) == (1e-4, 1e-4)
    assert [GRPO_BY_SIZE["learning_rate"].of(n) for n in (10**5, 5 * 10**6 - 1)] == [2e-4, 2e-4]
    assert [GRPO_BY_SIZE["learning_rate"].of(n) for n in (5 * 10**6, 299_999_999)] == [1e-5, 1e-5]
    assert [GRPO_BY_SIZE["learning_rate"].of(n) for n in (3 * 10**8, 8 * 10**9)] == [1e-6, 1e-6]


def test_what_is_given_holds_for_every_size():
    given = {"learning_rate": 0.0, "max_new_tokens": 7}
    for policy in (tiny(), small_model()):
        config = GRPO(grpo(**given), policy).config
        assert {name: getattr(config, name) for name in given} == given
    asked = grpo(max_new_tokens=7)
    assert GRPO(asked).config.max_new_tokens == 7
    assert asked.learning_rate is None  # a configuration can be used again, for another model


def test_what_is_given_is_checked():
    with pytest.raises(ValueError, match="max_new_tokens must be at least 1, got 0"):
        GRPO(grpo(max_new_tokens=0))


def test_a_run_has_what_was_used_on_record_and_goes_on_with_it(tmp_path):
    config = grpo(max_new_tokens=4, updates=1)
    GRPO(config).learn(tmp_path / "run")
    written = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (written["learning_rate"], written["max_new_tokens"]) == (2e-4, 4)
    assert written["dtype"] == "float32"
    longer = dataclasses.replace(config, updates=2)
    assert GRPO(longer).learn(tmp_path / "run", resume=True) is True
    assert GRPO.load(tmp_path / "run").config.learning_rate == 2e-4
    with pytest.raises(ValueError, match=r"other settings \(learning_rate\)"):
        GRPO(dataclasses.replace(longer, learning_rate=1e-6)).learn(tmp_path / "run", resume=True)


def test_products_are_bfloat16_where_a_gpu_can_and_the_model_is_not_tiny(monkeypatch):
    assert LanguageModel.build("tiny", device="cpu").autocast is None
    assert _fast_products(torch.device("cpu"), 10**9) == "float32"
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    assert _fast_products(torch.device("cuda"), 10**9) == "bfloat16"
    assert _fast_products(torch.device("cuda"), 10**6) == "float32"
    assert _fast_products(torch.device("cpu"), 10**9) == "float32"
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation
    )
    assert _fast_products(torch.device("cuda"), 10**9) == "float32"
    policy = tiny()
    policy.autocast = torch.bfloat16
    assert settled(grpo(), GRPO_BY_SIZE, policy).dtype == "bfloat16"


def test_prompts_are_those_of_the_policy():
    policy = tiny(system_prompt="Be brief.")
    assert GRPO(grpo(), policy).config.system_prompt == "Be brief."
    assert GRPO(grpo(system_prompt="Be brief."), policy).config.system_prompt == "Be brief."
    with pytest.raises(ValueError, match=r"system_prompt is 'Be long\.', but .* 'Be brief\.'"):
        GRPO(grpo(system_prompt="Be long."), policy)


@pytest.mark.parametrize(
    ("name", "by_size"), [("grpo", GRPO_BY_SIZE), ("imitation", IMITATION_BY_SIZE)]
)
def test_help_names_the_values(name, by_size, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit):
        main(["train", name, "--help"])
    help_text = re.sub(r"[\s│]+", " ", capsys.readouterr().out)
    pattern = r"default (\S+), (\S+) or (\S+) for a model of fewer than (\d+) million weights, "
    pattern += r"of fewer than (\d+) million, or of more"
    for setting, sizes in by_size.items():
        text = help_text.partition(f"--{setting.replace('_', '-')} ")[2].partition(" --")[0]
        found = [float(number) for number in re.search(pattern, text).groups()]
        assert found == [*sizes, TINY / 1e6, SMALL / 1e6]
