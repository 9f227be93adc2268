"""CITATION.cff holds what version 1.2.0 of the format asks for, and agrees with the package and the bibliography."""

import re
from pathlib import Path

import yaml

import panda_core

ROOT = Path(__file__).resolve().parents[2]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
PERSON, ENTITY = {"family-names", "given-names"}, {"name"}


def test_the_required_keys_are_there_and_all_keys_are_of_the_format():
    assert {"cff-version", "message", "title", "authors"} <= set(CITATION)
    assert set(CITATION) <= {
        "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers", "keywords",
        "license", "license-url", "message", "preferred-citation", "references", "repository", "repository-artifact",
        "repository-code", "title", "type", "url", "version",
    }  # fmt: skip
    assert CITATION["cff-version"] == "1.2.0" and CITATION["type"] == "software"
    assert all(isinstance(CITATION[key], str) for key in ("message", "title", "license", "version"))


def test_authors_are_persons_or_entities():
    for work in (CITATION, *CITATION["references"]):
        assert work["authors"] and all(set(author) in (PERSON, ENTITY) for author in work["authors"])


def test_it_is_of_this_version_and_licence():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert CITATION["version"] == panda_core.__version__
    assert f'license = "{CITATION["license"]}"' in project


def test_the_paper_is_the_one_of_the_bibliography():
    (paper,) = CITATION["references"]
    assert {"type", "title", "authors"} <= set(paper) and paper["type"] == "article"
    entry = (ROOT / "book" / "references.bib").read_text(encoding="utf-8").partition("{zhong2024panda")[2].partition("\n}")[0]
    fields = {name: value.replace("{", "").replace("}", "") for name, value in re.findall(r"(\w+) *= \{(.*)\}", entry)}
    names = [f"{author['family-names']}, {author['given-names']}" for author in paper["authors"]]
    assert [paper["title"], paper["journal"], str(paper["year"]), paper["doi"], " and ".join(names)] == [
        fields[name] for name in ("title", "journal", "year", "doi", "author")
    ]
    assert fields["note"] == f"Preprint: {paper['identifiers'][0]['value']}"


def test_the_copyright_holder_has_one_name():
    (author,) = (author["name"] for author in CITATION["authors"])
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert config["author"] == author and f"{author}\n" in (ROOT / "LICENSE").read_text(encoding="utf-8")
