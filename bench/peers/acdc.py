"""What the peers share: ACDC's scans, minutes of training, Dice as docs/metrics.md defines it."""
import argparse, json, os, platform, time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import nibabel, numpy

STRUCTURES = {"RV": 1, "MYO": 2, "LV": 3}
THREADS = 2


class Scan(NamedTuple):
    """An image with its mask."""
    patient: str
    phase: str
    image: Path
    mask: Path


def arguments(description):
    """The options of a peer."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="ACDC's folder")
    parser.add_argument("--split", type=Path, required=True, help="manifest that names the test patients")
    parser.add_argument("--labelled", required=True, help="patients to train on, with commas between")
    parser.add_argument("--minutes", type=float, required=True, help="of training")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def train_and_test(options):
    """Scans to train on and to test on."""
    test = json.loads(options.split.read_text())["test"]
    labelled = options.labelled.split(",")
    both = set(test) & set(labelled)
    if both:
        raise SystemExit(f"expected no test patient among the labelled, found {', '.join(sorted(both))}")
    return scans_of(options.data, labelled), scans_of(options.data, test)


def scans_of(data, patients):
    """End diastole and end systole of each patient, as Info.cfg tells them."""
    scans = []
    for patient in patients:
        places = [data / part / patient for part in ("training", "testing", ".")]
        folder = next((place for place in places if place.is_dir()), None)
        if folder is None:
            raise SystemExit(f"{data}: expected a folder {patient}, found none")
        lines = [line.split(":", 1) for line in (folder / "Info.cfg").read_text().splitlines()]
        info = {key.strip(): value.strip() for key, value in filter(lambda line: len(line) == 2, lines)}
        for phase in ("ED", "ES"):
            stem = f"{patient}_frame{int(info[phase]):02d}"
            scans.append(Scan(patient, phase, folder / f"{stem}.nii.gz", folder / f"{stem}_gt.nii.gz"))
    return scans


def read(path):
    """Voxels [x, y, z] as stored, and their size in mm."""
    image = nibabel.load(path)
    return image.get_fdata(dtype="float32"), [float(mm) for mm in image.header.get_zooms()]


def train_for(minutes, step):
    """Calls step with the share of the minutes that is gone, until they are; returns the number of steps."""
    start, steps = time.monotonic(), 0
    while (share := (time.monotonic() - start) / 60 / minutes) < 1:
        step(share)
        steps += 1
    return steps


def dice(prediction, reference):
    """Dice of each structure in 3D; None where both masks lack it."""
    values = {}
    for name, label in STRUCTURES.items():
        a, b = prediction == label, reference == label
        total = int(a.sum()) + int(b.sum())
        values[name] = 2 * int((a & b).sum()) / total if total else None
    return values


def evaluate(scans, segment):
    """Dice of every scan on its own grid, where segment turns a scan's path into labels [x, y, z]."""
    return [
        {"patient": scan.patient, "phase": scan.phase, **dice(segment(scan.image), read(scan.mask)[0])}
        for scan in scans
    ]


def summary(cases):
    """Mean Dice of each structure over the scans, and of the structures."""
    known = {name: [case[name] for case in cases if case[name] is not None] for name in STRUCTURES}
    means = {name: float(numpy.mean(values)) for name, values in known.items()}
    return {**means, "mean": float(numpy.mean(list(means.values())))}


class Outcome:
    """The one line of JSON on standard output; whatever else is printed goes to standard error."""

    def __init__(self, peer, options):
        self.file = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        chosen = {"labelled": options.labelled.split(","), "minutes": options.minutes, "seed": options.seed}
        self.facts = {"peer": peer, **chosen, "threads": THREADS, "seconds": {}}
        self.since = time.monotonic()

    def lap(self, name):
        """Notes the seconds since the last lap."""
        now = time.monotonic()
        self.facts["seconds"][name], self.since = round(now - self.since, 1), now

    def write(self, steps, settings, cases, packages):
        """Prints all that is to be kept of a run."""
        versions = {"python": platform.python_version(), **{name: version(name) for name in packages}}
        facts = {**self.facts, "steps": steps, "dice": summary(cases), "settings": settings, "versions": versions}
        self.file.write(json.dumps({**facts, "cases": cases}) + "\n")
        self.file.close()
