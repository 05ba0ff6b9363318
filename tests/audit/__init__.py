"""``make audit``: what is publicly known against the packages that we use."""
