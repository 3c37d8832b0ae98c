"""What every page shares, inside and outside: words, dates, layouts, guards and form reading."""
