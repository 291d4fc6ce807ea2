"""What docs/scale.md shows of shards works: the array's script and the matrix's commands are run."""

import re

import pytest
import yaml

import sharded
from places import DOCS
from served import served, shell

TEXT = (DOCS / "scale.md").read_text("utf-8")
SCRIPT = re.search(r"```bash\n(.*?)```", TEXT, re.DOTALL)[1]
BUILD = yaml.safe_load(re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)[1])["jobs"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("array")
    sharded.write(folder / "data", rows=4200)
    (folder / "model.py").write_text(sharded.MODEL.replace("make = Half", "factory = Half"))
    (folder / "gate.toml").write_text(
        '[[check]]\nid = "clean"\nmetric = "robustness.accuracy{condition=clean}"\nmin = 0.8\n'
    )
    with served(folder / "bin"):
        yield folder


def steps(job):
    return [step["run"] for step in BUILD[job]["steps"] if "run" in step]


def test_the_array_and_what_merges_it_run(place):
    first, last = map(int, re.search(r"--array=(\d+)-(\d+)", SCRIPT).groups())
    for task in range(first, last + 1):
        quick = SCRIPT.replace(
            " --resume", " --replicates 20 --corruptions vector/dropout --resume"
        )
        assert quick != SCRIPT
        done = shell(place, quick, SLURM_ARRAY_TASK_ID=str(task))
        assert done.returncode == 0, done.stderr
        assert f"part {task}/{last}: {1 if task < 3 else 0} unit" in done.stdout
    merging = re.search(r"sbatch --wait array.sh && (mmaudit merge .*)", TEXT)[1]
    done = shell(place, merging)
    assert done.returncode == 0, done.stderr
    assert "tables: run/robustness" in done.stdout


def test_the_matrix_is_all_of_a_job_and_its_gate_runs(place):
    """The parts of the array are those of the matrix."""
    shards = BUILD["part"]["strategy"]["matrix"]["shard"]
    _, command = steps("part")
    spelled = [command.replace("${{ matrix.shard }}", str(i)).split() for i in shards]
    words = SCRIPT[SCRIPT.index("mmaudit") :].replace("\\\n", " ").split()
    assert spelled == [
        [w.replace("$SLURM_ARRAY_TASK_ID", str(i)) for w in words if w != "--resume"]
        for i in shards
    ]
    _, merge, gate = steps("merge")
    for script in (merge, gate):
        done = shell(place, script)
        assert done.returncode == 0, done.stderr
    assert "PASS: the check passes" in done.stdout
    uploads = [step["with"] for step in BUILD["part"]["steps"] if "with" in step]
    assert [each["path"] for each in uploads] == ["part-${{ matrix.shard }}"]
