"""The practice records of the repository were made from the suite as it is now."""

from pathlib import Path

from panda_core.data.origin import load_split
from panda_core.store import Store
from panda_core.tasks import get_task
from panda_core.verification import verify

RESULTS = Path(__file__).parents[2] / "results"


def test_everything_that_is_committed_is_sound():
    """Records, predictions, prompts and embeddings, against the digests that they were saved with."""
    assert verify(Store(RESULTS)).problems == []


def test_practice_records_hold_the_data_that_is_generated_now():
    now, old = {}, []
    for record in Store(RESULTS).records():
        if record.spec.data != "practice":
            continue
        for split, made_from in record.data.items():
            key = record.spec.target, split
            now[key] = now.get(key) or load_split(get_task(key[0]), "practice", split).provenance["sha256"]
            if made_from["sha256"] != now[key]:
                old.append(f"{record.spec.label}: the {split} split has changed")
    assert not old, "delete these records and run: panda grid practice\n" + "\n".join(old)
