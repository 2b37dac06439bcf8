"""The state of an optimizer on disk: put back, it is as the optimizer's own reader makes it."""

import pytest
import torch
from torch import nn

from agents.common.weights import load_optimizer, save_optimizer


def fresh(device="cpu", **settings):
    """A model of weights of several types, one of which does not learn, and its optimizer."""
    with torch.random.fork_rng(devices=[]):
        model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 1))
    model[0].double()
    model[1].to(torch.bfloat16)
    model[2].bias.requires_grad_(False)
    model.to(device)
    parameters = [*model[2].parameters(), *model[:2].parameters()]
    return model, torch.optim.AdamW(parameters, **settings)


@pytest.mark.parametrize("settings", [{"fused": True}, {"foreach": True}, {"amsgrad": True}])
@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("capturable", [False, True])
def test_state_is_as_the_optimizer_itself_would_read_it(settings, device, capturable, tmp_path):
    """A fused optimizer counts its steps on the device of the weights, and others on the CPU.

    The device "meta" stands for a GPU, and there a capturable optimizer for a fused one, which it
    does not have: the counters of both are put by the same rule.
    """
    model, optimizer = fresh(**settings)
    for step in range(2):
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.grad = torch.full_like(parameter, 0.1 + step)
        optimizer.step()
    save_optimizer(model, optimizer, tmp_path)

    if device == "meta":
        settings = {}
    other, reader = fresh(device, capturable=capturable, **settings)
    groups = reader.state_dict()["param_groups"]
    load_optimizer(other, reader, tmp_path)
    assert reader.state_dict()["param_groups"] == groups
    got = reader.state_dict()["state"]
    _, standard = fresh(device, capturable=capturable, **settings)
    standard.load_state_dict({"state": optimizer.state_dict()["state"], "param_groups": groups})
    expected = standard.state_dict()["state"]
    assert got.keys() == expected.keys() == {0, 2, 3, 4, 5}
    for i, state in expected.items():
        assert got[i].keys() == state.keys()
        for key, value in state.items():
            assert (got[i][key].device, got[i][key].dtype) == (value.device, value.dtype)
            if device == "cpu":
                assert torch.equal(got[i][key], value)
    assert got[0]["step"].device.type == ("meta" if device == "meta" and capturable else "cpu")
