"""Workbooks of Excel, of all its times, and what is hidden in them."""
