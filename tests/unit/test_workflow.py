"""The workflow that builds and publishes the book: rights, pins, and commands that exist."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEXT = (ROOT / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
WORKFLOW = yaml.safe_load(TEXT)
JOBS = WORKFLOW["jobs"]
STEPS = [(job, step) for job, about in JOBS.items() for step in about["steps"]]


def step(name):
    return next(step for _, step in STEPS if step.get("name") == name)


def test_this_is_the_only_workflow():
    assert [path.name for path in FILES] == ["book.yml"]


def test_every_job_has_the_rights_that_it_needs_and_no_others():
    assert WORKFLOW["permissions"] == {}
    assert {job: about["permissions"] for job, about in JOBS.items()} == {
        "build": {"contents": "read"},
        "deploy": {"pages": "write", "id-token": "write"},
    }
    checkout = next(step for _, step in STEPS if step.get("uses", "").startswith("actions/checkout"))
    assert checkout["with"]["persist-credentials"] is False
    assert "secrets." not in TEXT


def test_actions_are_pinned_by_commit_and_say_their_version():
    lines = [line for line in TEXT.splitlines() if "uses:" in line]
    assert len(lines) == sum("uses" in step for _, step in STEPS) >= 5
    assert [line for line in lines if not re.search(r"uses: actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


def test_commands_are_targets_of_the_makefile():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {word for _, step in STEPS for word in re.findall(r"^make (\w+)", step.get("run", ""), re.MULTILINE)}
    assert called == {"book", "test"} and called <= targets


def test_every_job_ends_and_runs_in_a_shell_that_stops_at_failures():
    assert WORKFLOW["defaults"]["run"]["shell"] == "bash"  # of the runner: bash -eo pipefail
    assert all("shell" not in step for _, step in STEPS)
    assert all(0 < job["timeout-minutes"] <= 90 for job in JOBS.values())
    assert all("${{" not in step.get("run", "") for _, step in STEPS), "an expression in a script may be injected"


def test_only_the_default_branch_is_published_and_only_what_passed():
    assert JOBS["deploy"]["needs"] == "build"
    assert JOBS["deploy"]["if"] == step("Hand the book to Pages")["if"]
    assert "refs/heads/main" in JOBS["deploy"]["if"] and "pull_request" in JOBS["deploy"]["if"]
    names = [step.get("name") for job, step in STEPS if job == "build"]
    assert names.index("Hand the book to Pages") > max(i for i, name in enumerate(names) if name and "tests" in name)
    assert "if" not in step("Build the book") and step("Keep the book for a look at what failed")["if"] == "failure()"


def test_a_newer_push_does_not_stop_a_deployment():
    assert WORKFLOW["concurrency"]["group"] == "book-${{ github.ref }}"
    assert WORKFLOW["concurrency"]["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"


@pytest.mark.parametrize(("extra", "status"), [(0, 0), (-1, 1), (1, 1)])
def test_a_missing_or_surplus_page_stops_the_build(tmp_path, extra, status):
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    (tmp_path / "_toc.yml").write_text(toc)
    listed = toc.count("- file: ") + 1
    pages = tmp_path / "_build" / "html"
    (pages / "_static").mkdir(parents=True)
    (pages / "_static" / "macros.html").touch()
    for number in range(listed + 3 + extra):
        (pages / f"{number}.html").touch()
    script = step("Count the pages")["run"]
    done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True)
    assert done.returncode == status
