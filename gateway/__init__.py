"""Mail through: judgement → mail → memory, imports down only; `face` stands beside them."""
