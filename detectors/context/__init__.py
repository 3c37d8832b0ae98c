"""What stands around a number: labels, headings, other items, its form and the rest of the mail."""
