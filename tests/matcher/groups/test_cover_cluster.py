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
from api.proposals.networks import jobs
from api.proposals.networks.engine import write_networks
from bench.groups.register import register
from matcher.groups.cover.large.decomposition import cover_large
from matcher.groups.cover.problem import Cover, SquaredEuclidean
from matcher.groups.layers import in_turns
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


@pytest.mark.full
def test_the_services_job_works_on_the_cluster_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three layers with more networks than are listed: each layer is a task, and workers did them."""
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("matcher.groups.solve.LIST_ALL", 1_000)
    payload: dict[str, object] = {"problem": write_networks(register()), "seconds": 20, "seed": 0}
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        monkeypatch.setenv("SAMKRETS_CLUSTER", cluster.scheduler_address)
        answer = jobs.match(payload, lambda *_: None, lambda: False)
        with distributed.Client(cluster) as client:
            done = client.run_on_scheduler(
                lambda dask_scheduler: sum(
                    prefix.state_counts["memory"]
                    for prefix in dask_scheduler.task_prefixes.values()
                )
            )
    assert done > 0
    assert answer["bound_method"] == in_turns.METHOD
    assert set(json.loads(json.dumps(answer["networks"]))) == {"experience", "likeness", "nearness"}


def test_a_cluster_that_is_set_and_not_there_leaves_the_job_to_this_machine(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SAMKRETS_CLUSTER", "nonsense")
    payload: dict[str, object] = {"problem": write_networks(register()), "seconds": 20, "seed": 0}
    answer = jobs.match(payload, lambda *_: None, lambda: False)
    assert answer["status"] == "optimal"
    assert "no cluster, solved here" in caplog.text


def test_a_cluster_that_does_not_answer_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    file, out = tmp_path / "members.csv", tmp_path / "out.json"
    file.write_text("id,x\na,1\nb,2\nc,3\n", encoding="utf-8")
    words = ["match", str(file), "--sizes", "3", "--out", str(out), "--cluster", "nonsense"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "--cluster: got nonsense; expected" in done.output
    assert not out.exists()
