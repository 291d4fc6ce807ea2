"""Cases: one whole input made hostile, and the command that is given it."""

import shutil
from pathlib import Path

from fuzz_mutations import damaged, json_values, rewritten, table, toml

APPLY = {
    "parquet": (
        *("image/contrast:3@image", "audio/white_noise:2@audio", "text/ocr:3@text"),
        *("vector/dropout:2@v", "series/random_drop:2@s"),
    ),
    "csv": (
        "image/pixelate:3@image",
        "audio/white_noise:1@audio",
        "text/ocr:3@text",
        "vector/dropout:2@v",
    ),
    "jsonl": ("image/brightness:3@image", "text/word_swap:3@text", "vector/dropout:2@v"),
    "tar": (
        "image/contrast:3@image",
        "audio/clipping:3@audio",
        "text/ocr:3@text",
        "vector/dropout:2@v",
    ),
    "imagefolder": ("image/contrast:3@image",),
}
FORMATS = tuple(APPLY)
SWEEP = ("--corruptions", "text/ocr", "--severities", "3", "--replicates", "20", "--out", "run2")
TEXTS = (".csv", ".jsonl", ".json", ".toml")


class Cases:
    """Cases from whole inputs in a folder."""

    def __init__(self, base):
        self.base = Path(base)

    def targets(self):
        return tuple(n.removeprefix("of_") for n in sorted(dir(self)) if n.startswith("of_"))

    def make(self, rng, target, place):
        """The arguments of the command, given one hostile input in a new folder."""
        return getattr(self, f"of_{target}")(rng, Path(place))

    def of_manifest(self, rng, place):
        form = self._copy(rng.choice(FORMATS), place)
        self._change(rng, place / "dataset.toml", toml)
        return self._corrupt(rng, form)

    def of_data(self, rng, place):
        form = self._copy(rng.choice(FORMATS), place)
        whole = [
            p for p in place.rglob("*") if p.name.startswith(("d.", "metadata")) and p.is_file()
        ]
        self._any(rng, rng.choice(sorted(whole)))
        return self._corrupt(rng, form)

    def of_init(self, rng, place):
        self._copy(rng.choice(FORMATS), place)
        (place / "dataset.toml").unlink()
        self._any(rng, rng.choice(sorted(p for p in place.rglob("*") if p.is_file())))
        where = next(place.glob("d*")).name
        return ["init", rng.choice((".", where)), "-o", "new.toml"]

    def of_media(self, rng, place):
        form = self._copy(rng.choice(("csv", "jsonl", "imagefolder")), place)
        files = sorted(
            p for p in place.rglob("*") if p.parent.name in {"img", "snd", "train", "test"}
        )
        for path in rng.sample(files, 4):
            self._change(rng, path, damaged)
        return self._corrupt(rng, form)

    def of_captions(self, rng, place):
        self._copy("parquet", place)
        text = (place / "dataset.toml").read_text()
        text = text.replace('column = "caption"\n', 'column = "captions"\nmany = "all"\n')
        (place / "dataset.toml").write_text(text)
        which, change = rng.choice((("dataset.toml", toml), ("d.parquet", damaged)))
        self._change(rng, place / which, change)
        return self._corrupt(rng, "parquet")

    def of_run(self, rng, place):
        self._copy("done", place)
        files = sorted(p for p in (place / "run").rglob("*") if p.is_file() and p.suffix != ".html")
        path = rng.choice(files)
        if path.suffix == ".parquet" and rng.random() < 0.5:
            table(rng, path)
        else:
            self._any(rng, path, rng.random() < 0.1)
        return rng.choice(
            (
                ["gate", "run", "--config", "audit.toml"],
                [
                    "gate",
                    "run",
                    "--config",
                    "audit.toml",
                    "--baseline",
                    str(self.base / "done/run"),
                ],
                ["report", "run", "-o", "r.html"],
                ["report", "run", "--form", "markdown"],
                ["diff", str(self.base / "done/run"), "run"],
                ["history", "run", str(self.base / "done/run")],
                ["gate", "run", "--suggest"],
                ["run", "audit.toml", "--out", "run", "--resume"],
            )
        )

    def of_gate(self, rng, place):
        self._copy("done", place)
        self._change(rng, place / "audit.toml", toml)
        return ["gate", "run", "--config", "audit.toml"]

    def of_config(self, rng, place):
        self._copy("answers", place)
        self._change(rng, place / "audit.toml", toml)
        return [
            "run",
            "audit.toml",
            "--out",
            "run2",
            *(["--dry-run"] if rng.random() < 0.5 else []),
        ]

    def of_recipe(self, rng, place):
        self._copy("answers", place)
        self._change(rng, place / "recipe.toml", toml)
        return ["corrupt", "dataset.toml", "out", "--recipe", "recipe.toml"]

    def of_answers(self, rng, place):
        self._copy("answers", place)
        self._change(rng, place / "p.parquet", damaged)
        return ["robustness", "dataset.toml", "--model", "predictions:p.parquet", *SWEEP]

    def of_embeddings(self, rng, place):
        self._copy("pairs", place)
        self._change(rng, place / rng.choice(("a.npy", "b.npy", "d.parquet", "e.parquet")), damaged)
        files = f"image=a.npy,text={rng.choice(('b.npy', 'e.parquet:e'))}"
        return [
            "noisy-pairs",
            "dataset.toml",
            "--embeddings",
            files,
            "--method",
            "similarity",
            "--out",
            "run",
        ]

    def of_card(self, rng, place):
        self._copy("worse", place)
        names = ("card.json", "card.json", "dataset.toml", "ledger.parquet", "hashes.parquet")
        self._any(rng, place / "out" / rng.choice(names))
        return ["corrupt", "--verify", "out/card.json"]

    def of_index(self, rng, place):
        self._copy("worse", place)
        path = rng.choice(sorted((place / "out" / "plans").iterdir()))
        self._any(rng, path)
        return [
            "corrupt",
            "dataset.toml",
            "out2",
            "--apply",
            "pairing/shuffle:3@text",
            "--index",
            str(path),
        ]

    def of_model(self, rng, place):
        self._copy("models", place)
        specs = {"m.onnx": "onnx:m.onnx,output=logits,classes=0,1", "m.skops": "sklearn:m.skops"}
        specs["m.joblib"] = "sklearn:m.joblib"
        name = rng.choice(sorted(n for n in specs if (place / n).exists()))
        self._change(rng, place / name, damaged)
        sweep = ["vector/dropout" if a == "text/ocr" else a for a in SWEEP]
        return ["robustness", "dataset.toml", "--model", specs[name], *sweep]

    def _copy(self, name, place):
        shutil.copytree(self.base / name, place)
        return name

    @staticmethod
    def _corrupt(rng, form):
        steps = rng.sample(APPLY[form], min(2, len(APPLY[form])))
        argv = ["corrupt", "dataset.toml", "out", *(a for step in steps for a in ("--apply", step))]
        argv += ["--max-skipped", "99"] if rng.random() < 0.7 else []
        return argv + (
            ["--format", rng.choice(("parquet", "webdataset", "folder"))]
            if rng.random() < 0.3
            else []
        )

    @staticmethod
    def _change(rng, path, change):
        path.write_bytes(change(rng, path.read_bytes()))

    def _any(self, rng, path, empty=False):
        """Change a file in one of the ways that fit it."""
        if empty:
            path.write_bytes(b"")
            return
        ways = [damaged]
        if path.suffix in TEXTS:
            ways += [rewritten, rewritten]
        if path.suffix == ".json":
            ways += [json_values] * 3
        self._change(rng, path, rng.choice(ways))
