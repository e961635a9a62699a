"""The operator's commands, one folder each: logic that returns data, and how it is shown."""
