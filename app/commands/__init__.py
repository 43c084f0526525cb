"""The operator's verbs, a module for each group. They call the same functions as the routes."""
