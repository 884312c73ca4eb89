"""Large matching on a real cluster of two workers, one of them killed while it works."""

import json
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from api.cli import app
from matcher.groups.cover.large.decomposition import cover_large
from matcher.groups.cover.problem import Cover, SquaredEuclidean
from matcher.proof import Budget


@pytest.mark.full
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
        pids = list(client.run(os.getpid).values())
        killed: list[int] = []

        def kill() -> None:
            os.kill(pids[0], signal.SIGKILL)
            killed.append(pids[0])

        killer = threading.Timer(3.0, kill)
        killer.start()
        found = cover_large(cover, Budget(20.0, 2, 0), executor=client.get_executor(retries=3))
        killer.join()
        assert killed == pids[:1]  # the fault did happen, while the work went on
        assert pids[0] not in client.run(os.getpid).values()
    assert sorted(member for group in found.groups for member in group) == list(range(900))
    assert all(3 <= len(group) <= 5 for group in found.groups)
    assert found.proof.lower_bound <= found.proof.objective


@pytest.mark.full
def test_the_command_matches_on_a_cluster_and_keeps_every_rule(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    draw = np.random.default_rng(1)
    rows = "".join(
        f"m{number},{x:.4f},{y:.4f}\n" for number, (x, y) in enumerate(draw.random((1500, 2)))
    )
    file, out = tmp_path / "members.csv", tmp_path / "out.json"
    file.write_text(f"id,x,y\n{rows}", encoding="utf-8")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        words = ["match", str(file), "--sizes", "3-4", "--time-limit", "20", "--out", str(out)]
        done = CliRunner().invoke(app, [*words, "--cluster", cluster.scheduler_address])
    assert done.exit_code == 0, done.output
    answer = json.loads(out.read_text(encoding="utf-8"))
    members = [one for group in answer["groups"] for one in group["members"]]
    assert sorted(members) == sorted(f"m{number}" for number in range(1500))
    assert answer["lower_bound"] <= answer["objective"]


def test_a_cluster_that_does_not_answer_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    file, out = tmp_path / "members.csv", tmp_path / "out.json"
    file.write_text("id,x\na,1\nb,2\nc,3\n", encoding="utf-8")
    words = ["match", str(file), "--sizes", "3", "--out", str(out), "--cluster", "nonsense"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "--cluster: got nonsense; expected" in done.output
    assert not out.exists()
