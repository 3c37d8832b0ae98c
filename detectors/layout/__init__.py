"""Numbers that no run of digits shows: kept apart, told in pieces, one digit a box or a line."""
