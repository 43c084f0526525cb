"""A mapping as one file that every account of every CRM can read (decision 0014)."""
