"""Exact Shapley values of modalities beside shap, captum and shapiq: ratios of CPU time.

Everything runs in one process on one core, one side after the other on the same samples and the
same float32 network, and the thread's CPU time is taken. Slow peers are timed on fewer samples and
scaled. The peers but shap are not dependencies of mmaudit:

    python -m venv peers && peers/bin/pip install . captum shapiq
    OMP_NUM_THREADS=1 peers/bin/python tests/benchmarks/bench_shapley.py

Tables: (1) a small fusion network as a black box, with errors; (2) what the audit spends beside the
same forward passes on ready arrays, as the median over pairs of runs; (3) a model in two stages
against the same as a black box, in turns, and what counting allows; (4) contributions and
interactions after the coalition table, and interactions beside shapiq; (5) marginal donors; (6) the
same network's logit of the true class, by the measure without the audit around it.
"""

import argparse
import time
import warnings

import numpy as np
import torch

from mmaudit.audits.contributions.answer_facts import Truth
from mmaudit.audits.contributions.game import Rules, play
from mmaudit.inference.ask import ModelAsking
from mmaudit.inference.models import shares
from mmaudit.measures.games.coalitions import members
from mmaudit.measures.games.interactions import solved
from mmaudit.measures.games.shapley import shapley
from mmaudit.models.access import PERSON, Access
from mmaudit.models.load import load
from mmaudit.samples.decode import Samples, stack

ACCESS = Access(named_by=PERSON)
WIDTH, CLASSES = 16, 10
RULES = Rules(worths=("p_true",), sampled=0, seed=0)


def clocked(function, rounds=3, warm=True):
    """Best thread CPU seconds of a few calls after one that does not count, and the answer."""
    told = function() if warm else None
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        told = function()
        times.append(time.thread_time() - start)
    return min(times), told


def typical(function, rounds):
    """Median thread CPU seconds of some calls after one that does not count, and the answer."""
    told = function()
    return np.median([clocked(function, 1, warm=False)[0] for _ in range(rounds)]), told


def softmax(logits):
    """As torch.softmax, which is several times slower on few classes."""
    odds = (logits - logits.amax(1, keepdim=True)).exp()
    return odds / odds.sum(1, keepdim=True)


def masked(values, present):
    """Values or features of all modalities side by side, zeros where they are absent."""
    parts = [torch.from_numpy(values[m]) * torch.from_numpy(present[m])[:, None] for m in values]
    return torch.cat(parts, 1)


class Network:
    """A small fusion network that sees zeros where a modality is absent: a black box."""

    output, accepts_missing = "probabilities", True
    classes = tuple(map(str, range(CLASSES)))

    def __init__(self, count):
        torch.manual_seed(count)
        self.modalities = tuple(f"m{i}" for i in range(count))
        self.net = torch.nn.Sequential(
            torch.nn.Linear(WIDTH * count, 128), torch.nn.ReLU(),
            torch.nn.Linear(128, 64), torch.nn.ReLU(), torch.nn.Linear(64, CLASSES),
        ).eval()  # fmt: skip

    def scores(self, batch, present):
        return softmax(self.net(masked(batch, present))).numpy()


class Staged:
    """Deep encoders and a small fusion; in two stages, or the same as a black box."""

    output, accepts_missing = "probabilities", True
    classes = tuple(map(str, range(CLASSES)))

    def __init__(self, count, fusion=64):
        torch.manual_seed(count)
        wide = 1024
        self.modalities = tuple(f"m{i}" for i in range(count))
        self.encoders = torch.nn.ModuleList(
            torch.nn.Sequential(
                torch.nn.Linear(WIDTH, wide), torch.nn.ReLU(), torch.nn.Linear(wide, wide),
                torch.nn.ReLU(), torch.nn.Linear(wide, 64),
            )
            for _ in range(count)
        ).eval()  # fmt: skip
        self.head = torch.nn.Sequential(
            torch.nn.Linear(64 * count, fusion), torch.nn.ReLU(), torch.nn.Linear(fusion, CLASSES)
        ).eval()

    def encode(self, modality, values):
        encoder = self.encoders[self.modalities.index(modality)]
        return encoder(torch.from_numpy(np.asarray(values))).numpy()

    def fuse(self, features, present):
        return softmax(self.head(masked(features, present))).numpy()

    def scores(self, batch, present):
        return self.fuse({m: self.encode(m, batch[m]) for m in self.modalities}, present)


class BlackBox:
    """A staged model without its stages."""

    output, accepts_missing = "probabilities", True

    def __init__(self, inner):
        self.inner, self.modalities, self.classes = inner, inner.modalities, inner.classes
        self.net = inner.head

    def scores(self, batch, present):
        return self.inner.scores(batch, present)


def made(modalities, n):
    rng = np.random.default_rng(0)
    values = {m: rng.normal(size=(n, WIDTH)).astype(np.float32) for m in modalities}
    return Samples(
        ids=[str(i) for i in range(n)], labels=rng.integers(0, CLASSES, n), groups=None, slices={},
        values={m: list(v) for m, v in values.items()},
        present={m: np.ones(n, bool) for m in modalities}, skipped=(),
    ), np.concatenate([values[m] for m in modalities], axis=1)  # fmt: skip


def asked(loaded, samples, models=None, batch=1024):
    """Samples made ready to be asked about: stacked, and encoded where the model can."""
    return ModelAsking(
        models=models or (loaded.model,), loaded=loaded, samples=samples,
        kinds=dict.fromkeys(loaded.info.modalities, "vector"), batch_size=batch,
    )  # fmt: skip


def played(asking):
    """The audit's own path from there to contributions, both interactions and facts."""
    truth = Truth(kind="class", labels=asking.samples.labels)
    return play(asking, truth, RULES).games["p_true"]


def ours(loaded, samples):
    return played(asked(loaded, samples))


def passes(model, samples, batch=1024):
    """The same passes on ready arrays, and nothing else: 2**M of all, or M and 2**M in stages."""
    values = {m: stack(samples.values[m], "vector") for m in model.modalities}
    cuts = [slice(start, start + batch) for start in range(0, len(samples), batch)]
    rows = [{m: np.full(len(samples), on) for m, on in zip(values, row, strict=True)}
            for row in members(len(values))]  # fmt: skip
    ready = [
        (
            {m: v[cut] for m, v in values.items()},
            [{m: on[cut] for m, on in r.items()} for r in rows],
        )
        for cut in cuts
    ]

    def run():
        with torch.inference_mode():
            for part, presents in ready:
                staged = hasattr(model, "fuse")
                asked = {m: model.encode(m, v) for m, v in part.items()} if staged else part
                for present in presents:
                    (model.fuse if staged else model.scores)(asked, present)

    return run


def paired(one, other, rounds):
    """Best seconds of both, and the median of their ratio, one after the other in turns."""
    one(), other()
    times = np.array([[clocked(f, 1, warm=False)[0] for f in (one, other)] for _ in range(rounds)])
    return *times.min(0), np.median(times[:, 0] / times[:, 1])


def p_true(net, rows, labels):
    with torch.inference_mode():
        p = softmax(net(torch.from_numpy(rows)))
    return p[torch.arange(len(p)), labels].double().numpy()


def logit(net, rows, labels):
    with torch.inference_mode():
        told = net(torch.from_numpy(rows))
    return told[torch.arange(len(told)), labels].double().numpy()


def measure_alone(model, wide, labels, count):
    """Masked passes and Shapley values of the true class's logit, without the audit."""
    rows = torch.from_numpy(wide)
    on = torch.from_numpy(np.repeat(members(count), WIDTH, axis=1).astype(np.float32))
    at = torch.arange(len(wide)), torch.from_numpy(labels)
    with torch.inference_mode():
        table = np.stack([model.net(rows * mask)[at].numpy() for mask in on])
    return shapley(table)


def by_shap(model, wide, labels, count, asked=p_true):
    """One explainer for all samples; a masker puts zeros in the place of absent modalities."""
    import shap

    def worth(rows):
        return asked(model.net, rows[:, :-1].astype(np.float32), rows[:, -1].astype(int))

    def masker(mask, x):
        out = x.copy()
        out[:-1] *= np.repeat(mask, WIDTH)
        return (out[None],)

    masker.shape = lambda _x: (1, count)
    masker.mask_shapes = lambda _x: [(count,)]
    rows = np.concatenate([wide.astype(np.float64), labels[:, None]], axis=1)
    return shap.explainers.Exact(worth, masker)(rows, silent=True).values


def by_shapiq(model, wide, labels, count, index="SV", order=1, asked=p_true):
    from shapiq import ExactComputer

    out = []
    for x, label in zip(wide, labels, strict=True):

        def worth(there, x=x, label=label):
            rows = x * np.repeat(np.atleast_2d(there), WIDTH, axis=1).astype(np.float32)
            return asked(model.net, rows, torch.full((len(rows),), int(label)))

        try:
            computer = ExactComputer(worth, n_players=count)
        except TypeError:
            computer = ExactComputer(n_players=count, game=worth)
        out.append(computer(index=index, order=order))
    return out


def by_captum(model, wide, labels, count, permutations):
    from captum.attr import ShapleyValues, ShapleyValueSampling

    mask = torch.arange(count).repeat_interleave(WIDTH)[None]
    x, target = torch.from_numpy(wide), torch.from_numpy(labels)

    def forward(rows):
        return softmax(model.net(rows))

    with torch.inference_mode():
        if permutations:
            told = ShapleyValueSampling(forward).attribute(
                x, target=target, feature_mask=mask, n_samples=permutations
            )
        else:
            told = ShapleyValues(forward).attribute(x, target=target, feature_mask=mask)
    return told.numpy()[:, ::WIDTH]


def black_box(counts, n):
    print(f"\n1. small network as a black box, {n} samples: times ours [largest difference]")
    for count in counts:
        model = Network(count)
        loaded = load(model, ACCESS)
        samples, wide = made(model.modalities, n)
        seconds, game = typical(lambda: ours(loaded, samples), max(5, 200 >> count))
        line = [f"M={count:2d} ours {seconds:.4f} s"]
        few = min(n, 200 if count < 6 else 60 if count < 10 else 10)
        t, told = clocked(lambda: by_shap(model, wide[:few], samples.labels[:few], count), 1)
        line.append(
            f"shap {t * n / few / seconds:.0f}x [{np.abs(told - game.phi[:few]).max():.0e}]"
        )
        t, found = clocked(lambda: by_shapiq(model, wide[:few], samples.labels[:few], count), 1)
        told = np.array([[v[(i,)] for i in range(count)] for v in found])
        line.append(
            f"shapiq {t * n / few / seconds:.0f}x [{np.abs(told - game.phi[:few]).max():.0e}]"
        )
        for permutations in (25, 200, 0):
            if permutations == 0 and count > 4:
                continue
            t, told = clocked(
                lambda p=permutations: by_captum(model, wide, samples.labels, count, p), 1
            )
            name = f"captum {permutations}" if permutations else "captum exact"
            line.append(f"{name} {t / seconds:.1f}x [{np.abs(told - game.phi).max():.0e}]")
        print("; ".join(line), flush=True)


def logits(counts, n):
    print(f"\n6. the true class's logit by the measure alone, {n} samples: times ours")
    for count in counts:
        model = Network(count)
        samples, wide = made(model.modalities, n)
        seconds, phi = typical(
            lambda: measure_alone(model, wide, samples.labels, count), max(5, 200 >> count)
        )
        few = min(n, 200 if count < 6 else 60 if count < 10 else 10)
        some = model, wide[:few], samples.labels[:few], count
        line = [f"M={count:2d} ours {seconds:.4f} s"]
        t, told = clocked(lambda: by_shap(*some, asked=logit), 1)
        line.append(f"shap {t * n / few / seconds:.0f}x [{np.abs(told - phi[:few]).max():.0e}]")
        t, found = clocked(lambda: by_shapiq(*some, asked=logit), 1)
        told = np.array([[v[(i,)] for i in range(count)] for v in found])
        line.append(f"shapiq {t * n / few / seconds:.0f}x [{np.abs(told - phi[:few]).max():.0e}]")
        print("; ".join(line), flush=True)


def overhead(counts, n):
    print(f"\n2. beside the bare forward passes, {n} samples")
    for count in counts:
        beside("small network", Network(count), count, n)
    for count in (c for c in counts if c <= 6):
        beside("two stages, encoders of width 1024", Staged(count), count, n)
    for count in (c for c in counts if c <= 4):
        beside("one stage, encoders of width 1024", BlackBox(Staged(count)), count, n)


def beside(name, model, count, n):
    loaded = load(model, ACCESS)
    samples, _ = made(model.modalities, n)
    for batch in (1024, 256):
        rounds = max(5, (2000 if isinstance(model, Network) else 40) >> count)
        ready = asked(loaded, samples, batch=batch)
        audit = lambda a=ready: played(a)  # noqa: E731
        if isinstance(model, Staged):  # encoding is a part of what the passes do
            audit = lambda b=batch: played(asked(loaded, samples, batch=b))  # noqa: E731
        t, p, more = paired(audit, passes(model, samples, batch), rounds)
        print(
            f"{name}, M={count:2d} batches of {batch}: audit {t:.4f} s, passes alone {p:.4f} s: "
            f"{more - 1:+.1%}, of the best {t / p - 1:+.1%}",
            flush=True,
        )


def stages(counts, n):
    print(f"\n3. two stages against a black box, encoders of width 1024, {n} samples")
    for count in counts:
        staged = Staged(count)
        samples, _ = made(staged.modalities, n)
        two, single = load(staged, ACCESS), load(BlackBox(staged), ACCESS)
        rounds = 5 if count < 4 else 2
        *_, ratio = paired(
            lambda a=single: ours(a, samples), lambda a=two: ours(a, samples), rounds
        )
        apart = np.abs(ours(two, samples).phi - ours(single, samples).phi).max()
        limit = at_most(staged, samples)
        print(
            f"M={count} {ratio:.1f}x of at most {limit:.1f}x, largest difference {apart:.0e}",
            flush=True,
        )


def at_most(staged, samples):
    """The ratio that bare passes allow: 2**M of everything over M encodings and 2**M fusions."""
    values = {m: np.stack(samples.values[m]) for m in staged.modalities}
    present = {m: np.ones(len(samples), bool) for m in values}
    with torch.inference_mode():
        encode, features = clocked(lambda: {m: staged.encode(m, v) for m, v in values.items()})
        fuse, _ = clocked(lambda: staged.fuse(features, present), 20)
        whole, _ = clocked(lambda: staged.scores(values, present))
    every = 1 << len(values)
    return every * whole / (encode + every * fuse)


def tables(n):
    print(f"\n4. after the coalition table, M = 4, {n} samples")
    table = np.random.default_rng(0).normal(size=(16, n))
    t, _ = clocked(lambda: (shapley(table), solved(table)))
    print(f"contributions and both interactions {t:.4f} s")
    from shapiq import ExactComputer

    for count in (2, 3, 4, 6):
        games = np.random.default_rng(0).normal(size=(1 << count, 1000))
        t, _ = clocked(lambda: solved(games))
        powers, few = 1 << np.arange(count), 30

        def worth(there, column):
            return column[(np.atleast_2d(there) @ powers).astype(int)]

        def peer():
            for k in range(few):
                for index in ("SII", "STII"):
                    game = lambda there, k=k: worth(there, games[:, k])  # noqa: E731
                    try:
                        ExactComputer(game, n_players=count)(index=index, order=2)
                    except TypeError:
                        ExactComputer(n_players=count, game=game)(index=index, order=2)

        p, _ = clocked(peer, 1)
        print(
            f"M={count} both interactions of 1000 samples {t:.4f} s, shapiq {p * 1000 / few / t:.0f}x"
        )


def donors(n):
    print(f"\n5. marginal donors, M = 3, {n} samples")
    for fusion in (64, 1024):
        staged = Staged(3, fusion)
        samples, _ = made(staged.modalities, n)
        loaded = load(staged, ACCESS)
        values = {m: samples.values[m][:64] for m in staged.modalities}
        asking = asked(loaded, samples, shares(loaded, "marginal:64", values), n)
        features = {m: staged.encode(m, np.stack(samples.values[m])) for m in staged.modalities}
        everyone = {m: np.ones(n, bool) for m in staged.modalities}

        def fusions(staged=staged, features=features, everyone=everyone):
            with torch.inference_mode():
                for _ in range(7 * 64 + 1):
                    staged.fuse(features, everyone)

        t, p, ratio = paired(lambda a=asking: played(a), fusions, 10)
        print(
            f"fusion of width {fusion}: {t:.3f} s after encoding; 7 x 64 + 1 bare fusions {p:.3f} s: "
            f"{ratio:.2f}x, of the best {t / p:.2f}x"
        )
        error = played(asking).error.mean()
        print(f"Monte-Carlo standard error, mean over samples: {error:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--counts", default="2,3,4,6,10")
    parser.add_argument("--tables", default="123456")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    listed = [int(c) for c in options.counts.split(",")]
    if "1" in options.tables:
        black_box(listed, options.samples)
    if "2" in options.tables:
        overhead(listed, options.samples)
    if "3" in options.tables:
        stages([c for c in listed if c <= 6], options.samples)
    if "6" in options.tables:
        logits(listed, options.samples)
    if "4" in options.tables:
        tables(10 * options.samples)
    if "5" in options.tables:
        donors(options.samples)
