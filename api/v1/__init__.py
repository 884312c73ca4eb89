"""What /api/v1 has beside the features' own resources: the pages' forms as acts, keys, reads, paging and versions."""
