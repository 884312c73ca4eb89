"""Large matching on a real cluster of two workers, one of them killed while it works."""

import threading
import time

import numpy as np
import pytest

from matcher.groups.cover.large.decomposition import cover_large
from matcher.groups.cover.problem import Cover, SquaredEuclidean
from matcher.proof import Budget


@pytest.mark.full
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_loses_a_worker_still_partitions_all_members() -> None:
    distributed = pytest.importorskip("distributed")
    points = np.random.default_rng(0).random((900, 2))
    scale = (0.0, *(1.0 / size for size in range(1, 6)))
    cover = Cover(SquaredEuclidean(points), 3, 5, scale, coordinates=points)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        worker = next(iter(cluster.workers.values()))

        def kill() -> None:
            time.sleep(3.0)
            worker.process.process.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        found = cover_large(cover, Budget(20.0, 2, 0), executor=client.get_executor(retries=3))
        killer.join()
    assert sorted(member for group in found.groups for member in group) == list(range(900))
    assert all(3 <= len(group) <= 5 for group in found.groups)
    assert found.proof.lower_bound <= found.proof.objective
