"""The operator's commands: what a person does around `pulumi up`."""
