"""Abaque: from what customers really got to invoices on which everybody agrees."""
