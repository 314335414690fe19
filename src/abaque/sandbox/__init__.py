"""A simulated product and a stand-in billing platform, for trying, demonstrating and testing.

Needs nothing of the rest of Abaque: what it knows of the truth must not come from what it checks.
"""
