"""The administrative tree. Front door for the slices above."""

from contentserver.regions.models import Region
from contentserver.regions.rules import ancestors_and_self, depth_of, in_subtree
from contentserver.regions.service import (
    children_of,
    import_csv,
    near_filter,
    parents_named,
    path_of,
    region_asked,
    region_named,
    region_names,
    regions_in,
    subtree_filter,
)

__all__ = [
    "Region",
    "ancestors_and_self",
    "children_of",
    "depth_of",
    "import_csv",
    "in_subtree",
    "near_filter",
    "parents_named",
    "path_of",
    "region_asked",
    "region_named",
    "region_names",
    "regions_in",
    "subtree_filter",
]
