"""The Pulumi program: turns one environment's settings into resources."""
