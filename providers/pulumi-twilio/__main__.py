"""Starts the plugin where the engine runs this folder; the environment is what requirements.txt installs."""

from pulumi_twilio.plugin import main

main()
