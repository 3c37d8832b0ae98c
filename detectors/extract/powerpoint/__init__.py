"""Slides of PowerPoint, and what is hidden in them."""
