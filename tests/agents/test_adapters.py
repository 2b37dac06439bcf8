"""Low-rank adapters: what learns, what is written, and that the sampler and learning see them."""

import json
import math
import signal
import sys

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from torch.func import functional_call
from transformers import AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D

from agents.common.adapters import add_adapters, load_adapters, merged
from agents.common.environment_pool import EnvironmentPool
from agents.common.language_model import LanguageModel, tiny
from agents.common.rollouts import rollout
from agents.common.run_folder import RunFolder
from agents.common.sampler import Session
from agents.common.token_logprobs import TokenLogprobs
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.commands import main
from tests.agents.families import VOCABULARY, model_of
from tests.agents.paid import Paid
from tests.agents.test_sampler import largest_error, play
from tests.agents.test_token_logprobs import episodes, gradient, written_out

MATH = {"topics": "integer_arithmetic", "level": 1, "instruction": ""}
ALL = ("all-linear",)


def scatter(model, scale=0.06):
    """Give the adapters something to say: B is 0 at the start."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.copy_(scale * torch.randn(parameter.shape, generator=generator))


def adapted(family, **settings):
    model = model_of(family)
    add_adapters(model, rank=3, alpha=6.0, targets=ALL, seed=0, **settings)
    scatter(model)
    return model


def plain_weights(model):
    """The weights with what adapters add, written out: W + alpha / rank · B A."""
    weights = {
        name.replace(".base_layer.", "."): parameter
        for name, parameter in model.named_parameters()
        if "lora_" not in name
    }
    parts = dict(model.named_parameters())
    for name in [name for name in parts if "lora_A" in name]:
        layer = name.partition(".lora_A")[0]
        added = 2.0 * parts[name.replace("lora_A", "lora_B")] @ parts[name]
        if isinstance(model.get_submodule(layer).base_layer, Conv1D):  # its weight is transposed
            added = added.T
        weights[f"{layer}.weight"] = weights[f"{layer}.weight"] + added
    return weights


@pytest.mark.parametrize("family", ["Qwen3", "Gemma3", "GPT2", "Qwen3_5"])
def test_sampling_and_learning_see_the_adapters(family):
    model, plain = adapted(family), model_of(family)
    session = Session(model, end_ids=[1], vocabulary=VOCABULARY)
    tokens, logprobs = play(session)
    assert largest_error(model, tokens, logprobs) < 1e-5
    assert largest_error(plain, tokens, logprobs) > 0.1
    learner = TokenLogprobs(model, vocabulary=VOCABULARY)
    rows, chosen = episodes()

    def merged_by_hand(**arguments):
        return functional_call(plain, plain_weights(model), (), arguments)

    expected, _ = written_out(merged_by_hand, rows, chosen)
    right = gradient(model, expected.sum())
    for learner.checkpointing in (False, True):
        got = learner(rows, chosen)[0]
        torch.testing.assert_close(got, expected, atol=1e-5, rtol=0)
        mine = gradient(model, got.sum())
        assert len(mine) == sum(p.numel() for p in model.parameters() if p.requires_grad)
        assert (mine - right).norm() < 1e-5 * right.norm()


@pytest.mark.parametrize("family", ["Qwen3", "GPT2"])
def test_a_model_with_its_adapters_merged_is_a_plain_one(family, tmp_path):
    model = adapted(family)
    ids = torch.tensor([[5, 6, 7, 8]])
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    merged(model).save_pretrained(tmp_path)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert loaded.state_dict().keys() == model_of(family).state_dict().keys()
    torch.testing.assert_close(loaded(ids).logits, model(ids).logits, atol=2e-5, rtol=0)
    assert (model_of(family)(ids).logits - model(ids).logits).abs().max() > 0.1


def test_adapters_begin_with_nothing_and_leave_the_weights_alone():
    before = torch.get_rng_state()
    model, plain = model_of("Qwen3"), model_of("Qwen3")
    add_adapters(model, rank=3, alpha=6.0, targets=ALL, seed=5)
    again, other = model_of("Qwen3"), model_of("Qwen3")
    add_adapters(again, rank=3, alpha=6.0, targets=ALL, seed=5)
    add_adapters(other, rank=3, alpha=6.0, targets=["q_proj", "v_proj"], seed=6)
    assert torch.equal(torch.get_rng_state(), before)
    ids = torch.tensor([[5, 6, 7]])
    assert torch.equal(model(ids).logits, plain(ids).logits)
    assert type(model) is type(plain)
    assert not any(module.training for module in model.modules())
    for name, parameter in model.named_parameters():
        assert parameter.requires_grad is ("lora_" in name)
        assert torch.equal(parameter, again.get_parameter(name))
    learned = [name for name, p in other.named_parameters() if p.requires_grad]
    assert {name.split(".")[-4] for name in learned} == {"q_proj", "v_proj"}
    assert not torch.equal(other.get_parameter(learned[0]), model.get_parameter(learned[0]))
    layers = {name.split(".")[-4] for name, p in model.named_parameters() if p.requires_grad}
    assert layers == {f"{n}_proj" for n in ("q", "k", "v", "o", "gate", "up", "down")}


# Agents. -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    tiny(0).save(folder)
    return folder


def config(base, **changes):
    settings = {"env_kwargs": MATH, "groups": 3, "group_size": 4, "max_new_tokens": 8, "updates": 3}
    settings |= {"eval_every": 0, "eval_problems": 4, "checkpoint_every": 1, "warmup_updates": 0}
    settings |= {"lora_rank": 4, "learning_rate": 1e-2, "device": "cpu", "model": str(base)}
    return GRPOConfig(**settings | changes)


def rewarded(agent):
    """Episodes with rewards of our choice."""
    played = rollout(
        agent.policy,
        EnvironmentPool("MathBoxed-v0", 12, MATH),
        [i // 4 for i in range(12)],
        max_new_tokens=8,
        generator=torch.Generator().manual_seed(1),
    )
    for i, episode in enumerate(played):
        episode.repay(float(i % 4 == 0))
    return played


def all_weights(agent):
    return {name: p.detach().clone() for name, p in agent.policy.model.named_parameters()}


def test_only_adapters_learn(base):
    agent = GRPO(config(base))
    before = all_weights(agent)
    [group] = agent.optimizer.param_groups
    adapters = [p for name, p in agent.policy.model.named_parameters() if "lora_" in name]
    assert [id(p) for p in group["params"]] == [id(p) for p in adapters]
    for step in range(2):
        agent.learn_from(rewarded(agent), step)
    for name, weight in all_weights(agent).items():
        assert torch.equal(weight, before[name]) is ("lora_" not in name)


def test_the_gradient_is_that_of_the_loss_written_out(base):
    agent = GRPO(config(base, max_grad_norm=math.inf, lora_alpha=8.0, tokens_per_pass=100))
    scatter(agent.policy.model)
    played, grads = rewarded(agent), []
    learned = [p for p in agent.policy.model.parameters() if p.requires_grad]
    agent.optimizer.step = lambda: grads.extend(p.grad.clone() for p in learned)
    agent.learn_from(played, 0)
    weights, plain = plain_weights(agent.policy.model), tiny(0).model
    losses = []
    for i, episode in enumerate(played):
        logits = functional_call(plain, weights, (torch.tensor([episode.tokens]),)).logits[0]
        logp = torch.log_softmax(logits, -1)
        advantage = float(i % 4 == 0) - 0.25
        losses += [
            -advantage * logp[t - 1, episode.tokens[t]]
            for t, chosen in enumerate(episode.sampled)
            if chosen
        ]
    (sum(losses) / len(losses)).backward()
    for got, parameter in zip(grads, learned, strict=True):
        torch.testing.assert_close(got, parameter.grad, atol=2e-5, rtol=2e-3)
    assert max(grad.abs().max() for grad in grads) > 0.01


def test_the_reference_is_the_model_without_what_is_learned(base):
    agent = GRPO(config(base, kl_coef=0.1))
    for name, parameter in agent.policy.model.named_parameters():
        other = agent.reference.model.get_parameter(name)
        assert (other is parameter) is ("lora_" not in name)  # no copy of the weights
    for step in range(2):
        played = rewarded(agent)
        agent.policy.model.disable_adapters()
        with torch.no_grad():
            expected, _ = agent._predict(played)
        agent.policy.model.enable_adapters()
        with torch.no_grad():
            got, _ = agent._predict(played, agent.reference)
            now, _ = agent._predict(played)
        assert torch.equal(got, expected)
        kl = agent.learn_from(played, step)["kl_reference"]
        assert kl == pytest.approx(float((now - expected).square().mean()) / 2, rel=1e-4, abs=1e-9)
    assert kl > 1e-4
    agent._copy_reference()
    with torch.no_grad():
        now, _ = agent._predict(played)
        assert torch.equal(agent._predict(played, agent.reference)[0], now)
    assert not torch.equal(now, expected)


def test_a_run_that_is_interrupted_goes_on_exactly(base, tmp_path):
    settings = {"kl_coef": 0.1, "reference_every": 2}
    straight = Paid(config(base, **settings))
    assert straight.learn(tmp_path / "straight")

    def interrupt(step, _):
        if step == 1:
            signal.raise_signal(signal.SIGINT)

    assert not Paid(config(base, **settings)).learn(tmp_path / "stopped", on_update=interrupt)
    again = Paid(config(base, **settings))
    assert again.learn(tmp_path / "stopped", resume=True)
    for name, weight in all_weights(straight).items():
        assert torch.equal(weight, all_weights(again)[name])
    files = ("model/adapter_model.safetensors", "optimizer.safetensors")
    for name in (*files, "reference/adapter_model.safetensors"):
        parts = [
            load_file(RunFolder.latest(tmp_path / run) / name) for run in ("straight", "stopped")
        ]
        assert parts[0].keys() == parts[1].keys()
        assert all(torch.equal(parts[0][key], parts[1][key]) for key in parts[0])
        assert all("lora_" in key for key in parts[0])


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # peft's own
def test_what_a_run_leaves_can_be_loaded_with_and_without_peft(base, tmp_path, capsys):
    agent = Paid(config(base))
    agent.learn(tmp_path / "run")
    folder = RunFolder.latest(tmp_path / "run") / "model"
    assert not (folder / "model.safetensors").exists()
    about = json.loads((folder / "adapter_config.json").read_text())
    assert about["base_model_name_or_path"] == str(base)
    ids = torch.tensor([agent.policy.prompt("What is 2 + 2?")])
    expected = agent.policy.model(ids).logits
    plain = AutoModelForCausalLM.from_pretrained(base)
    assert (plain(ids).logits - expected).abs().max() > 1e-3
    agent.save(tmp_path / "merged")
    assert main(["export", str(tmp_path / "run"), str(tmp_path / "exported")]) == 0
    for loaded in (
        PeftModel.from_pretrained(plain, folder),
        AutoModelForCausalLM.from_pretrained(folder),
        LanguageModel.load(folder, device="cpu").model,
        GRPO.load(tmp_path / "run").policy.model,
        AutoModelForCausalLM.from_pretrained(tmp_path / "merged"),
        AutoModelForCausalLM.from_pretrained(tmp_path / "exported"),
    ):
        torch.testing.assert_close(loaded(ids).logits, expected, atol=1e-5, rtol=0)
    assert not (tmp_path / "merged" / "adapter_config.json").exists()
    capsys.readouterr()
    record = str(tmp_path / "record")
    assert main(["evaluate", str(tmp_path / "run"), "--count", "3", "--out", record]) == 0
    assert "3 problems" in capsys.readouterr().out
    assert main(["train", "grpo", "--resume", str(tmp_path / "run"), "--updates", "4"]) == 0


def test_adapters_can_learn_on(base, tmp_path):
    """As those of a warm start do in the run after it."""
    warm = Imitation(
        ImitationConfig(
            env_kwargs=MATH,
            model=str(base),
            demonstrations=8,
            batch_size=4,
            max_steps=2,
            decay_steps=1,
            held_out_problems=4,
            lora_rank=4,
            device="cpu",
        )
    )
    warm.learn(tmp_path / "warm")
    record = str(tmp_path / "record")
    assert main(["evaluate", str(tmp_path / "warm"), "--count", "2", "--out", record]) == 0
    adapters = RunFolder.latest(tmp_path / "warm") / "model"
    agent = GRPO(config(adapters, kl_coef=0.1))
    for name, weight in all_weights(warm).items():
        assert torch.equal(all_weights(agent)[name], weight)
    assert {name for name, p in agent.policy.model.named_parameters() if p.requires_grad} == {
        name for name in all_weights(warm) if "lora_" in name
    }
    agent.learn_from(rewarded(agent), 0)
    agent.write(tmp_path / "after")
    about = json.loads((tmp_path / "after/model/adapter_config.json").read_text())
    assert about["base_model_name_or_path"] == str(base)
    for changes in ({"lora_rank": 8}, {"lora_alpha": 4.0}):
        with pytest.raises(ValueError, match=r"has adapters of rank 4 and alpha 32, which can go"):
            GRPO(config(adapters, **changes))
    with pytest.raises(ValueError, match=r"has adapters of down_proj, .*, not with q_proj"):
        GRPO(config(adapters, lora_targets=("q_proj",)))
    with pytest.raises(ValueError, match="set lora_rank and lora_alpha to what they have"):
        GRPO(config(adapters, lora_rank=0))


def test_weights_that_do_not_learn_are_in_the_type_of_the_products(base):
    agent = GRPO(config(base, dtype="bfloat16"))
    for name, parameter in agent.policy.model.named_parameters():
        assert parameter.dtype == (torch.float32 if "lora_" in name else torch.bfloat16)
    metrics = agent.learn_from(rewarded(agent), 0)
    assert metrics["mismatch"] < 0.02
    assert metrics["grad_norm"] > 0
    dtypes = {s["exp_avg"].dtype for s in agent.optimizer.state.values()}
    assert dtypes == {torch.float32}


def test_adapters_of_another_model_are_refused(base, tmp_path):
    agent = GRPO(config(base))
    agent.policy.save_weights(tmp_path)
    for other in (adapted("Llama"), GRPO(config(base, lora_rank=2)).policy.model):
        with pytest.raises(ValueError, match="are of another model, or of another rank"):
            load_adapters(other, tmp_path)


def test_what_does_not_fit_together_says_so(base, monkeypatch, tmp_path):
    with pytest.raises(ValueError, match="leave it off with lora_rank"):
        GRPO(config(base, shard=True))
    with pytest.raises(ValueError, match="not found in the base model"):
        GRPO(config(base, lora_targets=("query",)))
    with pytest.raises(ValueError, match="set words or lora_rank to 0"):
        Imitation(ImitationConfig(env_kwargs=MATH, words=20, lora_rank=4, device="cpu"))
    tiny_run = GRPO(config("tiny"))
    tiny_run.policy.save_weights(tmp_path / "adapters")
    with pytest.raises(ValueError, match="are for a model that is not on disk: write it"):
        LanguageModel.load(tmp_path / "adapters")
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ValueError, match=r"need peft: pip install 'reasoning-gym-envs\[lora\]'"):
        GRPO(config(base))
