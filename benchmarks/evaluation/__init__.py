"""How well 個人番号 are found in whole mails: a corpus of real files, and rules to compare with.

`facts` draws people and numbers, `seen` and `held_out` hold two sets of wordings, `scene` makes
one mail of them; `written`, `wire`, `pages`, `sheets`, `documents`, `containers` know the
techniques, `others` what only looks like a number, `sealed` what nobody can read. `corpus` has all
of them, `rules` the detectors, `tally` counts. `benchmarks.detection` prints it.
"""
