"""JSON behind the browser pages of the sandbox. No login: the page says who it is."""
