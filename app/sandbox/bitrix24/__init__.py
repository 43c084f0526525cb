"""A simulated Bitrix24 portal: state, REST, OAuth, events and the JSON behind its browser pages."""
