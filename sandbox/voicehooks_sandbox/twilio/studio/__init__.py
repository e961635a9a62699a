"""Studio flows: what they are called, and the URL that runs them."""
