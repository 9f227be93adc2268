"""The table of contents, the declared executed pages and the files agree."""

EXECUTED = "book/executed/"


def test_every_entry_is_a_file_or_a_declared_page(root, toc, executed_pages):
    missing = [
        name
        for name in toc
        if not (root / f"{name}.md").exists()
        and not (name.startswith(EXECUTED) and name.removeprefix(EXECUTED) in executed_pages)
    ]
    assert missing == []


def test_no_entry_twice(toc):
    assert sorted(set(toc)) == sorted(toc)


def test_every_declared_page_is_in_the_table_of_contents(toc, executed_pages):
    assert [name for name in executed_pages if EXECUTED + name not in toc] == []


def test_every_chapter_is_in_the_table_of_contents(root, toc):
    chapters = {path.relative_to(root).with_suffix("").as_posix() for path in (root / "book").glob("*.md")}
    assert chapters - set(toc) == set()


def test_every_declared_page_names_an_existing_notebook(root, executed_pages):
    sources = {path.stem for path in (root / "notebooks").rglob("*.py")}
    assert {page["notebook"] for page in executed_pages.values()} - sources == set()
