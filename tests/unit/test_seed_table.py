"""The table of seeds shows only seeds for which every method was run."""

from paper_store import add

from panda_core.execution import complete
from panda_core.report.page import seed_table
from panda_core.runs import make_spec
from panda_core.store import Store

SETTINGS = {"training.steps": "2", "training.evaluations": "1", "training.batch_size": "8", "training.eval_examples": "10"}


def test_seeds_appear_once_every_method_was_run(tiny_plm, tmp_path):
    store = Store(tmp_path)
    specs = {
        "short": make_spec(plm=tiny_plm, method="p-tuning-v2", target="cb", settings=SETTINGS),
        "long": make_spec(
            plm=tiny_plm, method="p-tuning-v2", target="cb", settings=SETTINGS | {"training.steps": "3"}
        ),
    }
    assert "Only one seed" in seed_table(specs, store)
    scores = {}
    for seed in (0, 2):
        for name in specs:
            spec = make_spec(
                plm=tiny_plm, method="p-tuning-v2", target="cb", seed=seed,
                settings=SETTINGS | {"training.steps": "2" if name == "short" else "3"},
            )
            scores[name, seed] = complete(spec, store).score
    table = seed_table(specs, store)
    assert "Seed 0" in table and "Seed 2" in table and "Seed 1" not in table
    assert f"{(scores['short', 0] + scores['short', 2]) / 2:.1f}" in table


def test_the_seed_of_the_page_is_among_them(tmp_path):
    store, words = Store(tmp_path), {"plm": "minilm-l3", "method": "p-tuning-v2", "target": "cb"}
    for seed in (0, 41, 42):
        add(store, 0.6, seed=seed, **words)
    table = seed_table({"alone": make_spec(data="real", tier="reduced", seed=41, **words)}, store)
    assert "Seed 0" in table and "Seed 41" in table and "Seed 42" not in table
