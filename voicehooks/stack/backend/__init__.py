"""What a stack's backend knows beyond what the Pulumi CLI prints: old states, and locks. Nothing is written.

================  ==========================================================================================
``protocol``      what commands ask a backend for, and how it says that it cannot tell
``choice``        the backend of a stack, from its address
``self_managed``  the layout of Pulumi's own files, wherever they lie
``folder``        those files in a folder (`file://`)
``bucket``        those files in a bucket, read through obstore
``address``       the address of a bucket, of any of the three kinds
``s3``            the options and credentials of `s3://`; ``aws_profile``: a profile of AWS's own files
``gcs``           those of `gs://`
``azure``         those of `azblob://`
``cloud``         Pulumi Cloud, through the CLI
================  ==========================================================================================
"""
