"""A plain PyTorch U-Net with nnU-Net's augmentation on few labelled patients of ACDC, for some minutes.

    python3 -m venv ../peers && ../peers/bin/pip install nnunetv2==2.8.1
    ../peers/bin/python bench/peers/unet_torch_acdc.py --data ../acdc \
        --split data/manifests/acdc-80-20.json --labelled patient024 --minutes 10 > unet.json

Network (widths 16-32-64-128, 64 features), grid (64 × 64 pixels of 2 mm, labelled patients cropped where
their labels are, test patients about the centre), loss, batch, optimiser and schedule are this toolkit's
from scratch. The augmentation is nnU-Net's, mirroring included, on intensities that have mean 0 and
deviation 1 in each scan, as it expects them; it sees a wider slice, so that turning brings no margin.
"""
import math

import numpy, torch
from torch import nn
from torch.nn import functional

from acdc import STRUCTURES, THREADS, Outcome, arguments, evaluate, read, train_and_test, train_for

SIZE, SPACING = 64, 2.0
WIDTHS, FEATURES = [16, 32, 64, 128], 64
BATCH, WARMUP = 8, 0.05
CLASSES = len(STRUCTURES) + 1
PACKAGES = ["torch", "nnunetv2", "batchgenerators", "batchgeneratorsv2", "numpy"]


def block(i, o):
    conv = lambda i: [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
    return nn.Sequential(*conv(i), *conv(o))


class UNet(nn.Module):
    """The network of docs/export.md, with its head."""

    def __init__(self, widths=WIDTHS, features=FEATURES, classes=CLASSES):
        super().__init__()
        above, below = widths[-2::-1], widths[:0:-1]
        self.down = nn.ModuleList(block(i, o) for i, o in zip([1, *widths], widths))
        self.upconv = nn.ModuleList(nn.ConvTranspose2d(b, b // 2, 2, 2) for b in below)
        outs = [*above[:-1], features]
        self.up = nn.ModuleList(block(a + b // 2, o) for a, b, o in zip(above, below, outs))
        self.head = nn.Conv2d(features, classes, 1)

    def forward(self, x):
        levels = []
        for down in self.down:
            levels.append(down(functional.max_pool2d(levels[-1], 2) if levels else x))
        x = levels.pop()
        for upconv, up in zip(self.upconv, self.up):
            x = up(torch.cat([levels.pop(), upconv(x)], 1))
        return self.head(x)


def shares(size, spacing, to_size, to_spacing, aside=0.0):
    """Of each of to_size pixels, aside mm off the middle, the shares of the size pixels it is made of."""
    middle = ((numpy.arange(to_size) - (to_size - 1) / 2) * to_spacing + aside) / spacing + (size - 1) / 2
    reach = max(1, to_spacing / spacing)
    weights = numpy.clip(1 - abs(numpy.arange(size) - middle[:, None]) / reach, 0, None)
    weights[(middle < -0.5) | (middle > size - 0.5)] = 0
    return weights / numpy.maximum(weights.sum(1, keepdims=True), 1e-9)


def aside(mask, spacing):
    """How many mm the grid moves along x and y to hold all labels."""
    moves = []
    for axis in (0, 1):
        mm, size = spacing[axis], mask.shape[axis]
        places = numpy.flatnonzero(mask.any(axis=(1 - axis, 2)))
        first, last = (places[[0, -1]] - (size - 1) / 2) * mm + numpy.array([-mm / 2, mm / 2])
        reach = SIZE * SPACING / 2
        fits = last - first <= 2 * reach
        moves.append(max(last - reach, 0) + min(first + reach, 0) if fits else (first + last) / 2)
    return moves


def slices(channels, spacing, size=SIZE, move=(0, 0)):
    """Maps [channels, x, y, z] on the grid, [z, channels, size, size]."""
    x, y = [
        shares(n, mm, size, SPACING, mm_aside) for n, mm, mm_aside in zip(channels.shape[1:], spacing, move)
    ]
    return numpy.einsum("ry,cx,kxyz->zkrc", y, x, channels, optimize=True).astype("float32")


def restored(classes, shape, spacing):
    """Probabilities [z, classes, size, size] about the centre as labels [x, y, z] of a scan."""
    x, y = [shares(SIZE, SPACING, n, mm) for n, mm in zip(shape[:2], spacing)]
    return numpy.einsum("yr,xc,zkrc->kxyz", y, x, classes, optimize=True).argmax(0)


def normalised(voxels):
    """Intensities of mean 0 and deviation 1, as nnU-Net has them."""
    return (voxels - voxels.mean()) / max(voxels.std(), 1e-8)


def one_hot(mask):
    return numpy.stack([mask == label for label in range(CLASSES)]).astype("float32")


def training_slices(scans, size):
    """Images and labels [slices, 1, size, size] about the places where the grid lies."""
    images, labels = [], []
    for scan in scans:
        (voxels, spacing), (mask, _) = read(scan.image), read(scan.mask)
        move = aside(mask, spacing)
        images.append(slices(normalised(voxels)[None], spacing, size, move))
        labels.append(slices(one_hot(mask), spacing, size, move).argmax(1)[:, None])
    return torch.tensor(numpy.concatenate(images)), torch.tensor(numpy.concatenate(labels))


def augmentation():
    """nnU-Net's transforms of training for a 2D patch of the grid, and the pixels per side they take."""
    from nnunetv2.training.data_augmentation.compute_initial_patch_size import get_patch_size
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

    patch, turns = (SIZE, SIZE), (-math.pi, math.pi)
    transforms = nnUNetTrainer.get_training_transforms(patch, turns, None, (0, 1), False, foreground_labels=[1, 2, 3])
    return transforms, int(max(get_patch_size(patch, turns, turns, turns, (0.85, 1.25))))


def dice_cross_entropy(logits, target):
    """Soft Dice of each class in each slice, the background included, plus cross-entropy."""
    probabilities = logits.softmax(1)
    truth = functional.one_hot(target, CLASSES).movedim(-1, 1)
    overlap, total = (probabilities * truth).sum((2, 3)), (probabilities + truth).sum((2, 3))
    return 1 - ((2 * overlap + 1e-5) / (total + 1e-5)).mean() + functional.cross_entropy(logits, target)


def factor(share):
    """A linear rise over the warm-up, then half a cosine down to 0."""
    return share / WARMUP if share < WARMUP else (1 + math.cos(math.pi * (share - WARMUP) / (1 - WARMUP))) / 2


def train(model, images, labels, transforms, options):
    """The number of steps."""
    optimiser = torch.optim.Adam(model.parameters())
    model.train()

    def step(share):
        optimiser.param_groups[0]["lr"] = options.rate * factor(share)
        drawn = numpy.random.randint(len(images), size=BATCH)
        views = [transforms(image=images[i], segmentation=labels[i]) for i in drawn]
        logits = model(torch.stack([view["image"] for view in views]))
        target = torch.stack([view["segmentation"] for view in views])[:, 0].long()
        optimiser.zero_grad()
        dice_cross_entropy(logits, target).backward()
        optimiser.step()

    return train_for(options.minutes, step)


def segmenter(model):
    """Segments a scan: classes of the grid about the centre, brought back onto the scan's own."""
    model.eval()

    def segment(image):
        voxels, spacing = read(image)
        with torch.no_grad():
            classes = model(torch.tensor(slices(normalised(voxels)[None], spacing))).softmax(1).numpy()
        return restored(classes, voxels.shape, spacing)

    return segment


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=3e-3, help="Adam's highest learning rate")
    options = parser.parse_args()
    labelled, test = train_and_test(options)
    outcome = Outcome("PyTorch U-Net", options)
    torch.set_num_threads(THREADS)
    torch.manual_seed(options.seed)
    numpy.random.seed(options.seed)
    transforms, size = augmentation()
    images, labels = training_slices(labelled, size)
    model = UNet()
    settings = {
        "size": SIZE, "spacing": SPACING, "widths": WIDTHS, "features": FEATURES, "batch": BATCH,
        "rate": options.rate, "warm-up": WARMUP, "augmentation": str(transforms),  # before it has caches
    }
    outcome.lap("prepare")
    steps = train(model, images, labels, transforms, options)
    outcome.lap("train")
    cases = evaluate(test, segmenter(model))
    outcome.lap("test")
    outcome.write(steps, settings, cases, PACKAGES)


if __name__ == "__main__":
    main()
