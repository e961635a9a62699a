"""Development tools: the installer, generators, scans and GitHub's jobs."""
