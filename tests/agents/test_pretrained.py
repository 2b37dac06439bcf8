"""Models from folders and from the hub: what is loaded, and what is said where nothing is."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub
import pytest
import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from agents.common.language_model import LanguageModel
from agents.common.pretrained import load_pretrained
from baselines.commands import main


@pytest.fixture
def folder(policy, tmp_path) -> Path:
    policy.save(tmp_path / "model")
    return tmp_path / "model"


def test_a_folder_gives_a_model_and_its_tokenizer(folder, policy):
    model, tokenizer = load_pretrained(folder, "auto")
    assert model.num_parameters() == policy.model.num_parameters()
    assert tokenizer.encode("2+2") == policy.tokenizer.encode("2+2")
    assert load_pretrained(str(folder), "bfloat16")[0].dtype == torch.bfloat16


def test_number_types_are_named(folder):
    with pytest.raises(ValueError, match="unknown dtype 'bf16'; did you mean 'bfloat16'"):
        LanguageModel.load(folder, dtype="bf16")
    with pytest.raises(ValueError, match="unknown dtype 'bf16'; did you mean 'bfloat16'"):
        LanguageModel.build("tiny", dtype="bf16")


@pytest.mark.parametrize("name", ["nothing", "./nothing", "a/b/c"])
def test_a_missing_folder_is_named(tmp_path, name):
    with pytest.raises(FileNotFoundError, match=r"no model folder .*save_pretrained"):
        LanguageModel.load(tmp_path / name if name == "nothing" else name)


def test_a_folder_without_a_model_is_said_to_be_one(folder, tmp_path):
    (folder / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"no config\.json, so there is no model in it"):
        LanguageModel.load(folder)
    (folder / "config.json").write_text("{no")
    with pytest.raises(ValueError, match=r"config\.json' is not JSON"):
        LanguageModel.load(folder)
    (folder / "config.json").write_text('{"model_type": "what"}')
    with pytest.raises(ValueError, match=r"cannot be loaded: .* model type `what`") as error:
        LanguageModel.load(folder)
    assert "\n" not in str(error.value)


def test_a_folder_without_weights_is_said_to_be_one(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"no model .* no file named model\.safetensors"):
        LanguageModel.load(folder)


def test_the_folder_of_a_run_is_none_of_a_model(folder, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "config.json").write_text('{"algorithm": "imitation"}')
    with pytest.raises(FileNotFoundError, match="has no checkpoint yet"):
        LanguageModel.load(run)
    shutil.copytree(folder, run / "checkpoints" / "000600" / "model")
    with pytest.raises(ValueError, match=r"a run: its newest model is in '.*000600/model'"):
        LanguageModel.load(run)


def test_a_model_without_a_tokenizer_is_said_to_be_one(folder):
    (folder / "tokenizer_config.json").unlink()
    (folder / "tokenizer.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"has no tokenizer: .*tokenizer\.save_pretrained"):
        LanguageModel.load(folder)


def test_code_that_comes_with_a_model_is_not_run(folder):
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "theirs", "auto_map": {"AutoConfig": "evil.Config"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text("raise SystemExit('it was run')")
    with pytest.raises(ValueError, match="it needs code of its own, which is not run here"):
        LanguageModel.load(folder)


def test_a_model_writes_from_left_to_right(folder):
    size = {"vocab_size": 300, "hidden_size": 16, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 2, "intermediate_size": 16}
    ends = {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": None}
    BertForMaskedLM(BertConfig(**size, **heads)).save_pretrained(folder)
    with pytest.raises(ValueError, match="kind 'bert', which does not write text from left"):
        LanguageModel.load(folder)
    config = T5Config(vocab_size=300, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
    T5ForConditionalGeneration(config).save_pretrained(folder)
    with pytest.raises(ValueError, match="kind 't5', which has an encoder and a decoder"):
        LanguageModel.load(folder)
    (folder / "config.json").write_text('{"model_type": "vit"}')
    with pytest.raises(ValueError, match="kind 'vit', which does not write text"):
        LanguageModel.load(folder)
    config = GPTNeoXConfig(**size, **heads, **ends)  # says that it is no decoder, and is one
    GPTNeoXForCausalLM(config).save_pretrained(folder)
    assert LanguageModel.load(folder, device="cpu").end_ids == [1]


# The hub. ----------------------------------------------------------------------------------------


class Hub(BaseHTTPRequestHandler):
    """Refuses everything, as the hub does where a model is gated or not there."""

    def do_GET(self) -> None:
        gated = "gated" in self.path
        self.send_response(403 if gated else 404)
        self.send_header("X-Error-Code", "GatedRepo" if gated else "RepoNotFound")
        self.send_header("X-Error-Message", "no")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch, tmp_path) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    constants = huggingface_hub.constants
    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + template)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_name_that_the_hub_does_not_know(hub):
    with pytest.raises(FileNotFoundError, match=r"no model 'some/model': .*no such model that is"):
        LanguageModel.load("some/model")


def test_a_gated_model(hub):
    with pytest.raises(FileNotFoundError, match=r"gated, so accept .*co/gated/model and log in"):
        LanguageModel.load("gated/model")


def test_without_a_network(monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(FileNotFoundError, match=r"no model 'some/model': .*hub cannot be reached"):
        LanguageModel.load("some/model")
    with pytest.raises(FileNotFoundError, match=r"no model 'not a name': .*use alphanumeric"):
        LanguageModel.load("not a name")


def test_at_the_command_line_it_is_a_message(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    out = ["--out", str(tmp_path / "run"), "--device", "cpu"]
    assert main(["train", "grpo", "--model", "some/model", *out]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: no model 'some/model': ")
    assert "give a folder" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()
    with pytest.raises(SystemExit):
        main(["train", "grpo", "--dtype", "bf16", *out])
    assert "'bfloat16'" in capsys.readouterr().err
