"""The Management API of one project, and the sandbox's own control plane."""
