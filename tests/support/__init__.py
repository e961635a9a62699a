"""What tests share: the deployed clone, the engine, terminals, and the servers that stand in for others."""
