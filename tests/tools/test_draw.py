"""The drawings in docs/ say what the code says."""

import pytest

from tools.draw import LIVES, drawings, layers


@pytest.mark.parametrize("path", drawings(), ids=lambda path: path.name)
def test_a_drawing_is_the_one_the_code_gives(path) -> None:
    assert path.read_text(encoding="utf-8") == drawings()[path], "run python -m tools.draw"


def test_every_package_is_in_the_drawing() -> None:
    assert {"core", "web", "selfcheck", "markets", "accounts"} <= {name for row in layers() for name in row}


def test_no_life_cycle_has_more_than_seven_states() -> None:
    for title, workflow in LIVES:
        states = {move.target for move in workflow.moves} | {
            move.source for move in workflow.moves if move.source
        }
        assert len(states) <= 7, title
