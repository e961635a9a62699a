"""The Pulumi program: one environment's settings in, its resources out."""
