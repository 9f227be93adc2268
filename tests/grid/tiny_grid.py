"""A grid of tiny runs, driven through the command line in processes of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

RUNS = 9  # prompts of mnli, cb and copa; a teacher, a vanilla and a PANDA run for each target


class Grid:
    """`panda grid` on one store; `words` are added to the command."""

    def __init__(self, plm, store):
        self.store = Path(store)
        short = {"steps": "2", "evaluations": "1", "batch_size": "8", "eval_examples": "10"}
        settings = {f"{group}.{key}": value for group in ("training", "source") for key, value in short.items()}
        self.words = ["table-02", "--plm", plm, "--source", "mnli", "--target", "cb", "--target", "copa"]
        self.words += ["--method", "vanilla-pot", "--method", "panda"]
        self.settings = settings
        self.environment = {
            **os.environ, "PANDA_STORE": str(store), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1",
        }

    def command(self, name, *words, **settings):
        chosen = self.settings | {path.replace("__", "."): value for path, value in settings.items()}
        sets = [word for path, value in chosen.items() for word in ("--set", f"{path}={value}")]
        return [sys.executable, "-m", "panda_core", name, *self.words, *sets, *words]

    def run(self, *words, **settings):
        return subprocess.run(
            self.command("grid", *words, **settings), capture_output=True, text=True, env=self.environment
        )

    def start(self, *words, **settings):
        return subprocess.Popen(
            self.command("grid", *words, **settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.environment,
        )

    def plan(self, **settings):
        done = subprocess.run(self.command("plan", "--json", **settings), capture_output=True, text=True,
                              env=self.environment, check=True)
        return json.loads(done.stdout)

    def panda(self, *words):
        return subprocess.run(
            [sys.executable, "-m", "panda_core", *words], capture_output=True, text=True, env=self.environment
        )

    def contents(self):
        """What the runs of the store gave, without times, by id; and the bytes of predictions and prompts."""
        found = {}
        for path in self.store.glob("records/*/*.json"):
            record = json.loads(path.read_text())
            for name in ("seconds", "seconds_per_step", "cpu_seconds", "peak_memory", "created", "digest"):
                del record[name]
            del record["environment"]["threads"]  # cores divided by workers
            found[record["id"]] = record
        for path in (*self.store.glob("predictions/*/*.parquet"), *self.store.glob("cache/prompts/*.safetensors")):
            if not path.name.startswith("."):
                found[path.name] = path.read_bytes()
        return found


def wait_for(condition, process, seconds=120):
    """Wait until something is so, or the process ends."""
    for _ in range(seconds * 20):
        if condition() or process.poll() is not None:
            return
        time.sleep(0.05)
