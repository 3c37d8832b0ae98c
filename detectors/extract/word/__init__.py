"""Documents of Word, and what is hidden in them."""
