import copy
import pickle

from abaque.core.fault import Fault


def test_a_fault_says_its_code_and_what_it_met():
    fault = Fault("unknown_zone", zone="Mars/Olympus")
    assert fault.code == "unknown_zone"
    assert fault.params == {"zone": "Mars/Olympus"}
    assert str(fault) == "unknown_zone (zone='Mars/Olympus')"
    assert str(Fault("no_lines")) == "no_lines"


def test_a_fault_survives_being_copied_to_another_process():
    for twin in (copy.copy(Fault("bad", n=1)), pickle.loads(pickle.dumps(Fault("bad", n=1)))):  # noqa: S301 -- our own bytes
        assert (twin.code, twin.params) == ("bad", {"n": 1})
