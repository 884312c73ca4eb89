"""Large matching on a real cluster of two workers, one of them killed while it works."""

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

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
from matcher.proof import Budget, Progress


def _noted(folder: Path, number: int, work: Callable[[Any], Any], task: object) -> object:
    """Do a task, and leave word of who began it and who ended it."""
    name = f"{number}-{os.getpid()}-{uuid4().hex}"
    (folder / "begun" / name).touch()
    done = work(task)
    (folder / "ended" / name).touch()
    return done


class Noting(Executor):
    """An executor whose tasks leave word; the first one that ends has a worker that is busy killed."""

    def __init__(self, executor: Executor, folder: Path) -> None:
        self._executor, self._folder, self._lock = executor, folder, threading.Lock()
        self.killed, self.handed_out, self.done_since = 0, 0, 0
        for name in ("begun", "ended"):
            (folder / name).mkdir()

    def submit(  # type: ignore[override] # a piece of work and its task, as everywhere in the engine
        self, work: Callable[[Any], Any], task: object
    ) -> Future[Any]:
        self.handed_out += 1
        future = self._executor.submit(_noted, self._folder, self.handed_out, work, task)
        future.add_done_callback(self._on_done)
        return future

    def _on_done(self, _: Future[Any]) -> None:
        with self._lock:
            busy = self.names("begun") - self.names("ended")
            if self.killed:
                self.done_since += 1
            elif busy:
                self.killed = int(min(busy).split("-")[1])
                os.kill(self.killed, signal.SIGKILL)

    def names(self, of: str) -> set[str]:
        return {file.name for file in (self._folder / of).iterdir()}


def _ready() -> int:
    """What a worker needs before its first task, and who it is."""
    import_module("matcher.groups.cover.large.decomposition")
    return os.getpid()


@pytest.mark.full
def test_a_killed_worker_costs_its_tasks_only(tmp_path: Path) -> None:
    """Killed at a task, after the first task is seen to end: its tasks are done again, and nothing else is."""
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
        client.run(_ready)
        noting = Noting(client.get_executor(retries=3), tmp_path)

        def is_enough(_: Progress) -> bool:
            return noting.done_since < 6

        found = cover_large(cover, Budget(300.0, 2, 0), None, is_enough, noting)
        alive = client.run(os.getpid).values()
    assert noting.killed  # the fault did happen,
    assert noting.killed not in alive
    assert noting.done_since >= 6  # while the work went on
    lost = {
        name.split("-")[0]
        for name in noting.names("begun") - noting.names("ended")
        if int(name.split("-")[1]) == noting.killed
    }
    begun = Counter(name.split("-")[0] for name in noting.names("begun"))
    again = {number for number, times in begun.items() if times > 1}
    assert lost
    assert again <= lost | {
        name.split("-")[0]
        for name in noting.names("ended")
        if int(name.split("-")[1]) == noting.killed
    }
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
