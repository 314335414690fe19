"""The stand-alone script that checks a line's proof away from the system."""

from pathlib import Path

#: Its file: standard library only, Python 3.8 or later; it imports nothing of ours.
CHECKER = Path(__file__).with_name("check_proof.py")
