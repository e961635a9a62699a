"""What a stack's backend knows beyond what the Pulumi CLI prints: old states, and locks. Nothing is written.

================  ==========================================================================================
``protocol``      what commands ask a backend for, and how it says that it cannot tell
``choice``        the backend of a stack, from its address
``self_managed``  the layout of Pulumi's own files, in a ``folder`` or a ``bucket``
``address``       the address of a bucket; ``s3``, ``gcs`` and ``azure``: its options and credentials
``cloud``         Pulumi Cloud, through the CLI
================  ==========================================================================================
"""
