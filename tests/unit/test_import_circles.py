"""No module imports another that, directly or through others, imports it."""

from __future__ import annotations

import graphlib

import grimp
import pytest


@pytest.mark.parametrize(
    "package",
    [
        "infra",
        "pulumi_provider_kit",
        "pulumi_supabase",
        "pulumi_twilio",
        "tests",
        "tools",
        "voicehooks",
        "voicehooks_sandbox",
    ],
)
def test_a_package_has_no_import_circle(package: str) -> None:
    """An import for types only also counts: two modules that need each other's types are one module."""
    graph = grimp.build_graph(package, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        order = [*graphlib.TopologicalSorter(imports).static_order()]
    except graphlib.CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))
    assert set(order) == graph.modules
