"""A simulated amoCRM account: state, REST v4, OAuth, webhooks and the JSON behind its browser pages."""
