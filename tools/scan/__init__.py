"""What `make check` looks for besides style: secrets in files, loose dependencies, careless workflows."""
