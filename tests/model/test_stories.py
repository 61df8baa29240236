"""What was found is told as the shortest story, and a history can be kept and judged again."""

from pathlib import Path

from tests.model.by_hand import ByHand
from tests.model.history import ACTIVE, INACTIVE, LOST, read_history
from tests.model.judge import violations
from tests.model.story import report, shrunken


def test_a_history_is_kept_as_it_was(tmp_path: Path) -> None:
    hand = ByHand()
    hand.sign_in()
    hand.revoke(1.0, LOST, to=2.0)
    hand.fault("process stopped", 1.0, 2.0)
    hand.history.write(tmp_path / "history.json")

    assert read_history(tmp_path / "history.json") == hand.history


def test_a_story_holds_what_it_takes_and_leaves_the_rest_out() -> None:
    hand = ByHand()
    for number in range(1, 30):
        hand.sign_in(number=str(number))
    hand.sign_in()
    hand.ask(0.5, ACTIVE)
    hand.deactivate(1.0)
    hand.ask(1.5, ACTIVE, at="2")
    hand.fault("redis paused", 1.6, 1.7, "everywhere")
    hand.ask(2.5, ACTIVE, at="2")
    hand.ask(2.6, INACTIVE, at="1")
    found = violations(hand.history)

    assert [call.kind for call in shrunken(hand.history, found[0]).calls] == [
        "sign_in",
        "deactivate_user",
        "introspect",
    ]
    told = report(hand.history, found)
    assert "1 broken promises in 35 calls" in told
    assert "deactivate_user(user=alice) -> done" in told
    assert "redis paused" in told
