"""A tiny model, for tests where PyTorch is installed."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from agents.common.language_model import LanguageModel, tiny


@pytest.fixture
def policy() -> LanguageModel:
    return tiny(0)
