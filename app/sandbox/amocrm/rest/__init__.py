"""REST API v4 of the simulated account, one module per section of the vendor's documentation."""
