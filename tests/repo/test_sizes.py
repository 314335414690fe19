"""Small enough to be read: no long file, no long function."""

from statistics import median

from tests.repo.sizes import LINES_OF_A_FILE, LINES_OF_A_FUNCTION, sizes_of_files, sizes_of_functions


def test_no_file_has_more_than_500_lines() -> None:
    assert [size for size in sizes_of_files() if size.lines > LINES_OF_A_FILE] == []


def test_no_function_has_more_than_70_lines() -> None:
    assert [size for size in sizes_of_functions() if size.lines > LINES_OF_A_FUNCTION] == []


def test_the_usual_file_and_function_are_small() -> None:
    assert median(size.lines for size in sizes_of_files("src")) <= 120
    assert median(size.lines for size in sizes_of_functions("src")) <= 10


def test_the_measuring_finds_what_there_is() -> None:
    found = {size.what for size in sizes_of_functions("tests/repo")}
    assert any(what.endswith("test_the_measuring_finds_what_there_is") for what in found)
