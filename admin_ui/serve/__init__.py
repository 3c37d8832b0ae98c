"""The processes: a supervisor over core, inside web and outside door."""
