"""Shared fixtures: the bundled PLM, and a store of its own for every test."""

import os

import hypothesis
import pytest
import torch

from panda_core.plms.loading import load_plm

os.environ.setdefault("PANDA_DEVICE", "cpu")  # on a GPU no two runs need be equal

# how long an example takes depends on what else the machine does
hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def token_cache(tmp_path_factory):
    """Tokenised data of the tests is kept in a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PANDA_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def minilm():
    """minilm-l6 on the CPU."""
    return load_plm("minilm-l6", device="cpu")


@pytest.fixture(autouse=True)
def evaluation_mode(request):
    """The PLM that tests share starts each of them in evaluation mode, whatever the last one did to it."""
    if "minilm" in request.fixturenames:
        request.getfixturevalue("minilm").eval()


@pytest.fixture
def batch(minilm):
    """Two tokenised sentences of different length: input_ids, attention_mask, token_type_ids, each [2, T]."""
    return minilm.tokenizer(
        ["A prompt is a letter to a frozen model.", "It answers."], padding=True, return_tensors="pt"
    )


@pytest.fixture
def prefix(minilm):
    """A prefix [20, 2*L*D] large enough to matter."""
    return torch.randn(20, minilm.prefix_width, generator=torch.Generator().manual_seed(0)) * 0.3


@pytest.fixture
def store_folder(tmp_path, monkeypatch):
    """A folder that PANDA_STORE names."""
    monkeypatch.setenv("PANDA_STORE", str(tmp_path / "store"))
    return tmp_path / "store"


def pytest_collection_modifyitems(items):
    """Tests on real data run where PANDA_DATA names a folder."""
    if not os.environ.get("PANDA_DATA"):
        skip = pytest.mark.skip(reason="set PANDA_DATA to a folder of real parquet files")
        for item in items:
            if "real_data" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def tiny_plm(tmp_path_factory):
    """A folder with a small random BERT and the tokenizer of minilm-l6: everything runs in moments."""
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny-bert")
    torch.manual_seed(0)
    config = BertConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    BertModel(config).save_pretrained(folder)
    load_plm("minilm-l6", device="cpu").tokenizer.save_pretrained(folder)
    return str(folder)


def pytest_addoption(parser):
    """The tables of the book's page on support are written by the tests that check them."""
    parser.addoption("--write-support", action="store_true", help="write book/support.csv and book/sizes.csv")
