"""Persons and their mail addresses, as lists have them: in running text and in tables."""
