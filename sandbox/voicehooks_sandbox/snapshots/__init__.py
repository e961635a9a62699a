"""Snapshots of a sandbox: one file each, which can be sent to a colleague.

=============  =============================================================================================
``archive``    the file: a zip archive with Twilio's half and the rows of the database
``tables``     reads the rows of all tables, and replaces them
=============  =============================================================================================
"""
