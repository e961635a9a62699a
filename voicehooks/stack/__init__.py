"""A Pulumi stack of this project: its settings file, its engine, its state."""
