"""What a clone needs around the project itself: the installer and the Pulumi CLI as Go modules."""
