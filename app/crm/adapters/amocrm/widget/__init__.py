"""The widget archive that the CRM loads into its own pages."""
