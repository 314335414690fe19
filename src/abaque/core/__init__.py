"""The rules of billing as pure values: no clock, no I/O, no float, no language."""
