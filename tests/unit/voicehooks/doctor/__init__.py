"""What the doctor reports: one environment, many scenes of it, and the approved report of each."""
