"""The judges of the tree test must see what they are there to see: versions that go back, observers that differ."""
import sys
import unittest

import script

sys.path.insert(0, str(script.ROOT / "tests/integration/tree"))
from leaves import Observer, Seen, agree, goes_on  # noqa: E402


def state(counter: int, version: tuple[int, ...], synchronized: bool = True, writer: str = "a", tick: int = 1) -> Seen:
    return Seen((counter, "00"), version, synchronized, writer, tick, 0.0)


class StandIn(Observer):
    def __init__(self, **newest: Seen) -> None:
        self.newest, self.undisturbed = newest, False


class Judges(unittest.TestCase):
    def test_a_version_or_epoch_that_goes_back_is_seen(self) -> None:
        old = state(2, (2, 5))
        self.assertTrue(goes_on(old, state(2, (2, 6))))
        self.assertTrue(goes_on(old, state(2, (2, 5), synchronized=False)))
        self.assertFalse(goes_on(old, state(2, (2, 4))))
        self.assertFalse(goes_on(old, state(3, (2, 4))), "a newer epoch excuses no older version")
        self.assertFalse(goes_on(old, state(1, (2, 6))), "a newer version excuses no older epoch")
        self.assertFalse(goes_on(old, state(2, (2, 5))), "the same state twice")
        self.assertFalse(goes_on(old, state(2, (2,))), "a shorter prefix is older")

    def test_observers_that_lack_differ_or_lag_do_not_agree(self) -> None:
        held = {"n1": state(2, (2, 5), tick=9)}
        newest = StandIn(n1=state(2, (2, 5), tick=9))
        self.assertTrue(agree(held, [newest, newest]))
        self.assertTrue(agree(held, [StandIn(n1=state(3, (3, 0), tick=9))]), "raised versions are the same state")
        self.assertFalse(agree(held, [newest, StandIn()]))
        self.assertFalse(agree(held, [newest, StandIn(n1=state(2, (2, 4), tick=8))]))
        self.assertFalse(agree(held, [newest, StandIn(n1=state(2, (2, 5), tick=9, synchronized=False))]))
        self.assertFalse(agree(held, [newest, StandIn(n1=state(3, (3, 0), tick=9))]))
        self.assertFalse(agree(held, [StandIn(n1=state(2, (2, 5), tick=9, writer="b"))]))

    def test_an_observer_holds_only_what_is_wanted_of_all_objects(self) -> None:
        observer = StandIn(n1=state(2, (2, 5), tick=9), n2=state(2, (2, 5), tick=8))
        self.assertTrue(observer.holds(2, writer="a", above_tick=7))
        self.assertFalse(observer.holds(2, writer="a", above_tick=8))
        self.assertFalse(observer.holds(3))
        self.assertFalse(observer.holds(2, writer="b"))
        self.assertFalse(observer.holds(2, since=1.0))


if __name__ == "__main__":
    unittest.main()
