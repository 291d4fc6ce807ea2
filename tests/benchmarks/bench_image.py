"""Image corruptions beside imagecorruptions and albumentations: ratios of CPU time on one core.

Both sides run in one process, one after the other on the same pictures, and the thread's CPU time
is taken, so that the ratios hold on a busy machine too. The peers are not dependencies of mmaudit:

    python -m venv peers
    peers/bin/pip install "setuptools<81" imagecorruptions==1.1.2 albumentations==2.0.8 simplejpeg
    PYTHONPATH=. peers/bin/python tests/benchmarks/bench_image.py --size 224 --sweep

imagecorruptions 1.1.2 cannot run three of its corruptions on current libraries; what they need is
patched here. Its glass blur loops in Python, which its later commit c959e65 compiles with numba; the
compiled loop is patched in too, because a ratio of a thousand would say nothing. Nothing else is.
"""

import argparse
import time
import warnings

import cv2
import numpy as np
from numba import njit

from mmaudit import parts
from mmaudit.corruptions.groups import SUBSETS
from mmaudit.seeds import words
from places import FIXTURES

NAMES = (*SUBSETS["common"], *SUBSETS["validation"])
FILE = FIXTURES / "golden_corruptions" / "golden.npz"


def pictures(size):
    """Two natural pictures at a size, made from small ones with a little grain."""
    rng = np.random.default_rng(0)
    with np.load(FILE) as golden:
        small = [golden[f"{name}/clean"] for name in ("astronaut", "chelsea")]
    large = [cv2.resize(x, (size, size), interpolation=cv2.INTER_CUBIC) for x in small]
    return [np.clip(x + rng.normal(0, 3, x.shape), 0, 255).astype(np.uint8) for x in large]


def milliseconds(function, images, rounds):
    """Median CPU time of a call on one picture, after a call that does not count."""
    function(images[0])
    times = []
    for _ in range(rounds):
        for image in images:
            start = time.thread_time_ns()
            function(image)
            times.append(time.thread_time_ns() - start)
    return np.median(times) / 1e6


def ours(name, severity):
    corruption = parts.load("corruptions", f"image/{name}").CORRUPTION
    at = corruption.at(severity)
    return lambda image: corruption.apply(image, at, words(0, name, "an id"))


def reference():
    """The functions of imagecorruptions by name, patched to run."""
    vars(np)["float_"] = np.float64  # gone from NumPy 2, and fog wants it
    import imagecorruptions
    from imagecorruptions import corruptions
    from skimage.filters import gaussian

    def smooth(image, sigma, multichannel=False, **other):
        axis = -1 if multichannel else None
        return gaussian(image, sigma=sigma, channel_axis=axis, **other)

    corruptions.gaussian = smooth  # the keyword is gone from scikit-image
    settings = ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2))

    def glass(image, severity):
        sigma, reach, passes = settings[severity - 1]
        soft = np.uint8(gaussian(image / 255.0, sigma=sigma, channel_axis=-1) * 255)
        shuffle(soft, reach, passes)
        return np.uint8(np.clip(gaussian(soft / 255.0, sigma=sigma, channel_axis=-1), 0, 1) * 255)

    def corrupt(image, name, severity):
        if name == "glass_blur":
            return glass(image, severity)
        return imagecorruptions.corrupt(image, corruption_name=name, severity=severity)

    return lambda name, severity: lambda image: corrupt(image, name, severity)


@njit
def shuffle(x, reach, passes):
    """The loop of glass blur as the reference's later commit compiles it."""
    for _ in range(passes):
        for h in range(x.shape[0] - reach, reach, -1):
            for w in range(x.shape[1] - reach, reach, -1):
                dx, dy = np.random.randint(-reach, reach, size=(2,))
                x[h, w], x[h + dy, w + dx] = x[h + dy, w + dx], x[h, w]


def albumentations():
    """The eighteen that albumentations has too, at the parameters nearest to severity 3."""
    import albumentations as A  # noqa: N812

    same = {"p": 1.0}
    means = {"downscale": cv2.INTER_AREA, "upscale": cv2.INTER_NEAREST}
    made = {
        "gaussian_noise": A.GaussNoise(std_range=(0.18, 0.18), **same),
        "shot_noise": A.ShotNoise(scale_range=(0.08, 0.08), **same),
        "impulse_noise": A.SaltAndPepper(amount=(0.09, 0.09), **same),
        "defocus_blur": A.Defocus(radius=(6, 6), alias_blur=(0.5, 0.5), **same),
        "glass_blur": A.GlassBlur(sigma=1.0, max_delta=2, iterations=3, mode="exact", **same),
        "motion_blur": A.MotionBlur(blur_limit=(31, 31), **same),
        "zoom_blur": A.ZoomBlur(max_factor=(1.21, 1.21), step_factor=(0.02, 0.02), **same),
        "snow": A.RandomSnow(method="texture", **same),
        "fog": A.RandomFog(**same),
        "brightness": A.RandomBrightnessContrast((0.3, 0.3), (0, 0), **same),
        "contrast": A.RandomBrightnessContrast((0, 0), (-0.8, -0.8), **same),
        "elastic_transform": A.ElasticTransform(alpha=50, sigma=2.24, **same),
        "pixelate": A.Downscale(scale_range=(0.4, 0.4), interpolation_pair=means, **same),
        "jpeg_compression": A.ImageCompression(quality_range=(15, 15), **same),
        "speckle_noise": A.MultiplicativeNoise((0.65, 1.35), True, True, **same),
        "gaussian_blur": A.GaussianBlur(blur_limit=0, sigma_limit=(3.0, 3.0), **same),
        "spatter": A.Spatter(**same),
        "saturate": A.HueSaturationValue(0, (60, 60), 0, **same),
    }
    return {name: lambda x, t=transform: t(image=x)["image"] for name, transform in made.items()}


def geometric(ratios):
    return float(np.exp(np.mean(np.log(ratios))))


def compare(images, rounds):
    """Severity 3 of the nineteen against both peers."""
    theirs, others = reference(), albumentations()
    rows = {}
    print("| corruption | mmaudit ms | imagecorruptions ms | ratio | albumentations ms | ratio |")
    print("|---|---|---|---|---|---|")
    for name in NAMES:
        short = name.partition("/")[2]
        own = milliseconds(ours(short, 3), images, rounds)
        ref = milliseconds(theirs(short, 3), images, max(2, rounds // 4))
        alb = milliseconds(others[short], images, rounds) if short in others else np.nan
        rows[short] = own, ref, alb
        print(
            f"| {short} | {own:.3f} | {ref:.2f} | {ref / own:.1f} | {alb:.2f} | {alb / own:.1f} |"
        )
    own, ref, alb = np.array(list(rows.values())).T
    both = ~np.isnan(alb)
    print(
        f"| **mean** | {own.mean():.3f} | {ref.mean():.2f} | {ref.mean() / own.mean():.1f} | {alb[both].mean():.2f} | {alb[both].mean() / own[both].mean():.1f} |"
    )
    print(
        f"| **geometric mean of ratios** | | | {geometric(ref / own):.1f} | | {geometric((alb / own)[both]):.2f} |"
    )
    print(
        f"| **smallest ratio** | | | {(ref / own).min():.2f} | | {(alb / own)[both].min():.2f} |\n"
    )


def sweep(images, rounds):
    """All ninety-five cells against imagecorruptions."""
    theirs = reference()
    cells = [(n.partition("/")[2], s) for n in NAMES for s in range(1, 6)]
    own = np.array([milliseconds(ours(*cell), images, rounds) for cell in cells])
    ref = np.array([milliseconds(theirs(*cell), images, 2) for cell in cells])
    least = int((ref / own).argmin())
    print(
        f"95 cells: {own.sum():.1f} ms against {ref.sum():.0f} ms, {ref.sum() / own.sum():.1f} times; geometric mean {geometric(ref / own):.1f}; smallest {(ref / own)[least]:.2f} ({cells[least]})\n"
    )


def files(images, rounds):
    """JPEG to JPEG, severity 3: read, decode, corrupt and encode, against Pillow on both ends."""
    import io

    from PIL import Image
    from simplejpeg import decode_jpeg

    theirs = reference()
    coded = [cv2.imencode(".jpg", x[:, :, ::-1], (cv2.IMWRITE_JPEG_QUALITY, 85))[1] for x in images]

    def own(name):
        damage = ours(name, 3)
        return lambda file: cv2.imencode(
            ".jpg",
            cv2.cvtColor(damage(decode_jpeg(file)), cv2.COLOR_RGB2BGR),
            (cv2.IMWRITE_JPEG_QUALITY, 85),
        )

    def pillow(name):
        damage = theirs(name, 3)

        def run(file):
            image = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
            Image.fromarray(damage(image)).save(io.BytesIO(), "JPEG", quality=85, optimize=True)

        return run

    short = [name.partition("/")[2] for name in NAMES]
    mine = sum(milliseconds(own(name), coded, rounds) for name in short)
    ref = sum(milliseconds(pillow(name), coded, max(2, rounds // 4)) for name in short)
    print(
        f"JPEG to JPEG, the sum of the nineteen: {mine:.1f} ms against {ref:.0f} ms,"
        f" {ref / mine:.1f} times"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--sweep", action="store_true", help="all five severities too")
    parser.add_argument("--files", action="store_true", help="JPEG to JPEG too")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    cv2.setNumThreads(1)
    images = pictures(options.size)
    print(f"{options.size} x {options.size}, one core, median thread CPU time a picture\n")
    compare(images, options.rounds)
    if options.sweep:
        sweep(images, max(3, options.rounds // 3))
    if options.files:
        files(images, options.rounds)


if __name__ == "__main__":
    main()
