"""From the request to a site by a model: prompts, replies, attempts, repairs."""
