"""Models and tokenizers from a folder or the Hugging Face hub, and what to say where they fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub.errors import GatedRepoError, LocalEntryNotFoundError, RepositoryNotFoundError
from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_MASKED_LM_MAPPING,
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging as hf_logging

from agents.common.adapters import ADAPTERS, base_of
from agents.common.run_folder import RunFolder
from reasoning_gym_envs.errors import unknown

__all__ = ["load_pretrained", "quiet"]

_WAY_OUT = (
    "give a folder written by save() or save_pretrained(), or a hub name such as "
    "'Qwen/Qwen2.5-0.5B-Instruct'"
)
_DTYPES = ("auto", "float32", "bfloat16", "float16")


def load_pretrained(
    name_or_folder: str | Path, dtype: str
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A causal language model and its tokenizer; code that comes with a model is never run.

    A folder of low-rank adapters gives the model that they are for, with them.

    Raises:
        FileNotFoundError: there is no such folder, nothing in it to load, or no such model on the
            hub (or no way to it).
        ValueError: what is there is no causal language model with a tokenizer; unknown `dtype`.
    """
    if dtype not in _DTYPES:
        raise ValueError(unknown("dtype", dtype, _DTYPES))
    name = str(name_or_folder)
    looks_like_a_folder = isinstance(name_or_folder, Path) or (
        name.startswith((".", "/", "~")) or name.count("/") > 1
    )
    if (Path(name) / ADAPTERS).is_file():
        model, _ = load_pretrained(base_of(Path(name)), dtype)
        with quiet(), _explained(name):
            model.load_adapter(name)
        return model, _load_tokenizer(name)
    if Path(name).is_dir():
        _check_folder(Path(name))
    elif looks_like_a_folder:
        raise FileNotFoundError(f"there is no model folder at {name!r}: {_WAY_OUT}")
    with quiet():
        with _explained(name):
            config = AutoConfig.from_pretrained(name, trust_remote_code=False)
        _check_is_causal(name, config)
        with _explained(name):
            model = AutoModelForCausalLM.from_pretrained(
                name, config=config, dtype=dtype, trust_remote_code=False, use_safetensors=True
            )
    return model, _load_tokenizer(name)


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars from the library for a moment."""
    shown = hf_logging.is_progress_bar_enabled()
    hf_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            hf_logging.enable_progress_bar()


def _load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    # By the kind of the model the library would take that family's tokenizer, with its own way to
    # split words, also for one that was saved with another way.
    loader = PreTrainedTokenizerFast if _says_all(Path(name)) else AutoTokenizer
    try:
        tokenizer: PreTrainedTokenizerBase = loader.from_pretrained(name, trust_remote_code=False)
        tokens = tokenizer.encode("2 + 2 = 4", add_special_tokens=False)
        knows_text = bool(set(tokens) - set(tokenizer.all_special_ids))
    except (OSError, ValueError):
        knows_text = False
    if not knows_text:  # without files the library makes an empty one, and says nothing
        raise FileNotFoundError(
            f"the model {name!r} has no tokenizer: save that of the model it came from into the "
            "same folder, with tokenizer.save_pretrained(folder)"
        )
    return tokenizer


def _says_all(folder: Path) -> bool:
    """Whether a folder has a tokenizer of no family: its file alone says what it does."""
    try:
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("tokenizer_class") == "TokenizersBackend"


def _check_folder(folder: Path) -> None:
    """Raise where a folder holds no model, and say where one is."""
    file = folder / "config.json"
    if not file.is_file():
        raise FileNotFoundError(
            f"the folder {str(folder)!r} has no config.json, so there is no model in it: {_WAY_OUT}"
        )
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{str(file)!r} is not JSON: {error}") from error
    if isinstance(config, dict) and "algorithm" in config and "model_type" not in config:
        newest = str(RunFolder.latest(folder) / "model")
        raise ValueError(
            f"{str(folder)!r} is the folder of a run: its newest model is in {newest!r}"
        )


def _check_is_causal(name: str, config: PreTrainedConfig) -> None:
    """Raise `ValueError` for a model that does not write from left to right."""
    kind = type(config)
    # The library would give an encoder a head, and let each token see those after it.
    is_encoder = kind in MODEL_FOR_MASKED_LM_MAPPING and not getattr(config, "is_decoder", True)
    if config.is_encoder_decoder:
        what = "has an encoder and a decoder"
    elif kind not in MODEL_FOR_CAUSAL_LM_MAPPING or is_encoder:
        what = "does not write text from left to right"
    else:
        return
    raise ValueError(
        f"{name!r} is a model of the kind {config.model_type!r}, which {what}: a causal language "
        "model is needed, such as 'Qwen/Qwen2.5-0.5B-Instruct'"
    )


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Say in a sentence why a model could not be loaded."""
    try:
        yield
    except OSError as error:
        raise FileNotFoundError(f"no model {name!r}: {_reason(name, error)}; {_WAY_OUT}") from error
    except ValueError as error:
        reason = _first_line(error)
        if "trust_remote_code" in str(error):
            reason = "it needs code of its own, which is not run here"
        raise ValueError(f"the model {name!r} cannot be loaded: {reason}") from error


def _reason(name: str, error: BaseException) -> str:
    causes, cause = [], error.__cause__
    while cause is not None:
        causes.append(cause)
        cause = cause.__cause__
    for cause in causes:
        if isinstance(cause, GatedRepoError):  # a kind of RepositoryNotFoundError
            return (
                f"it is gated, so accept its terms at https://huggingface.co/{name} and log in "
                "with `hf auth login`, or do without it"
            )
        if isinstance(cause, RepositoryNotFoundError):
            return "there is no such folder, and on the hub no such model that is public"
        if isinstance(cause, LocalEntryNotFoundError):
            return (
                "there is no such folder, it has not been downloaded before, and the hub cannot "
                "be reached"
            )
    return _first_line(error)


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")
