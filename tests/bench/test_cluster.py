"""The Ray engine, on a real cluster of two nodes on this machine."""

import json
import os
import subprocess
import sys
import threading

import pytest

from bench.cluster import ray_data
from bench.engine import fit_and_predict
from bench.issues import BadInputError
from tests.baselines.endpoint_stub import running
from tests.conftest import ROOT, make_pair

pytest.importorskip("ray", reason="needs the extra ray")
pytestmark = pytest.mark.slow

CLUSTER = """
import json, pathlib, sys, threading, time
import ray
from ray.cluster_utils import Cluster
import bench
from bench.cluster import ray_data
from bench.engine import fit_and_predict

kill = sys.argv[1] == "kill"
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
second = cluster.add_node(num_cpus=1)
pairs = bench.load_pairs("validation")
there, _ = fit_and_predict("slow_model:Slow", {}, pairs, batch_size=100)
nodes = pathlib.Path("nodes.txt")
nodes.unlink()
killed = []

def kill_in_mid_run():
    while not killed:
        time.sleep(0.05)
        lines = nodes.read_text().split() if nodes.exists() else []
        if lines.count(second.node_id) >= 3:
            cluster.remove_node(second, allow_graceful=False)
            killed.append(len(lines))

if kill:
    threading.Thread(target=kill_in_mid_run, daemon=True).start()
engine = ray_data(address=cluster.address, actors=2, cpus=1)
made, run = fit_and_predict("slow_model:Slow", {}, pairs, batch_size=100, engine=engine, partial=pathlib.Path("partial"))
answered = nodes.read_text().split()
print(json.dumps({
    "same": made == there, "pairs": len(made), "nodes": len(set(answered)), "batches": len(answered),
    "killed_after": killed, "alive": sum(node["Alive"] for node in ray.nodes()) if ray.is_initialized() else None,
}))
"""

SLOW_MODEL = """
import hashlib, os, time

class Slow:
    classes_ = ["contradiction", "other"]

    def predict_proba(self, pairs):
        import ray
        node = ray.get_runtime_context().get_node_id() if ray.is_initialized() else "local"
        with open(os.environ["NODES"], "a") as file:
            file.write(node + "\\n")
        time.sleep(0.15)
        share = [int(hashlib.sha256(pair.claim.encode()).hexdigest()[:4], 16) / 65535 for pair in pairs]
        return [[x, 1 - x] for x in share]
"""


def run(folder, code, *arguments):
    (folder / "slow_model.py").write_text(SLOW_MODEL)
    (folder / "script.py").write_text(code)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "NODES": str(folder / "nodes.txt"),
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    }
    command = [sys.executable, "script.py", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def notes(stderr):
    """Lines on the error stream but the one in which Ray tells its level of logging."""
    return [line for line in stderr.splitlines() if "Set ray log level" not in line]


def test_two_nodes_give_what_one_process_gives(tmp_path):
    found = run(tmp_path, CLUSTER, "whole")
    assert found["same"]
    assert found["nodes"] == 2
    assert found["batches"] == -(-found["pairs"] // 100)


def test_a_node_killed_in_mid_run_loses_nothing(tmp_path):
    found = run(tmp_path, CLUSTER, "kill")
    (after,) = found["killed_after"]
    assert after < -(-found["pairs"] // 100)
    assert found["same"]


def test_the_command_gives_the_same_bytes(tmp_path):
    for engine in ("local", "ray"):
        command = [
            sys.executable, "-m", "bench.evaluate", "baseline=tfidf", "split=validation", "bootstrap.replicates=0",
            f"engine={engine}", f"name={engine}",
        ]  # fmt: skip
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert not notes(done.stderr)
    one, other = (
        (tmp_path / "results" / name / "predictions.jsonl").read_bytes() for name in ("local", "ray")
    )
    assert one == other


def test_bad_input_in_an_actor_is_told_as_at_home(tmp_path):
    command = [sys.executable, "-m", "bench.evaluate", "model=wrong:Model", "split=validation", "engine=ray"]
    (tmp_path / "wrong.py").write_text(
        "class Model:\n    classes_ = ['yes', 'no']\n    def predict_proba(self, pairs):\n        return [[0, 1]] * len(pairs)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    expected = "expected one of entailment, neutral, contradiction, got ['yes', 'no']"
    assert notes(done.stderr) == [f"Model: classes_ are not labels, {expected}"]


class Wrong:
    """A model whose every answer is bad."""

    classes_ = ("yes", "no")

    def predict_proba(self, pairs):
        return [[0, 1]] * len(pairs)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ray's own
def test_no_thread_outlives_a_run_that_ends_early(monkeypatch):
    """Ray ends the process, in status 1 and without a word, where a thread asks it for something after `shutdown`."""
    import ray

    start, end, threads = ray.init, ray.shutdown, []

    def noting(function):
        def run(**settings):
            if function is end:
                threads.append(set(threading.enumerate()))
            function(**settings)
            if function is start:
                threads.append(set(threading.enumerate()))

        return run

    monkeypatch.setattr(ray, "init", noting(start))
    monkeypatch.setattr(ray, "shutdown", noting(end))
    pairs = [make_pair(f"e/c1-c{n}") for n in range(2, 40)]
    with pytest.raises(BadInputError, match="classes_ are not labels"):
        fit_and_predict("tests.bench.test_cluster:Wrong", {}, pairs, batch_size=1, engine=ray_data())
    started, ended = threads
    assert not ended - started


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ray's own
def test_what_the_actors_spent_is_counted():
    pytest.importorskip("openai", reason="needs the extra llm")
    pairs = [make_pair(f"e/c1-c{n}") for n in range(2, 8)]
    with running() as stub:
        stub.faults["text of c2"] = ["no JSON"]
        settings = {"model": "m", "base_url": stub.url, "input_price": 1.0, "output_price": 2.0}
        here, alone = fit_and_predict("baselines.llm:LanguageModel", settings, pairs, batch_size=2)
        stub.faults["text of c2"] = ["no JSON"]
        there, shared = fit_and_predict(
            "baselines.llm:LanguageModel", settings, pairs, batch_size=2, engine=ray_data()
        )
    assert here == there
    assert shared["usage"].pop("latency_p50") > 0
    assert shared["usage"].pop("latency_p95") > 0
    assert shared["usage"].items() <= alone["usage"].items()
    assert (shared["usage"]["pairs"], shared["usage"]["requests"], shared["usage"]["reasked"]) == (6, 7, 1)
    assert shared["usage"]["spent"] == {"input_tokens": 2800, "output_tokens": 70, "cost": 0.00294}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ray's own
def test_no_cluster_there(monkeypatch):
    monkeypatch.setenv("RAY_TMPDIR", "/nowhere")
    engine = ray_data(address="auto")
    with pytest.raises(BadInputError, match=r"engine\.settings\.address does not answer"):
        fit_and_predict("tests.bench.test_engine:Counting", {}, [make_pair("e/c1-c2")], engine=engine)
