"""Everything durable: rows and their states, the ledger, sealed bytes, keys, configuration."""
