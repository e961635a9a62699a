"""Write a Pulumi resource provider in Python from property tables.

A provider describes its resources in a :class:`~pulumi_provider_kit.table.ProviderTable`, implements a
:class:`~pulumi_provider_kit.resource.Resource` for each, and hands both to
:func:`~pulumi_provider_kit.plugin.serve`.
"""
