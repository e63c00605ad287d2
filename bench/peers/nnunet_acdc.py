"""nnU-Net v2 on few labelled patients of ACDC, for some minutes on two threads of a CPU.

    python3 -m venv ../peers && ../peers/bin/pip install nnunetv2==2.8.1
    ../peers/bin/python bench/peers/nnunet_acdc.py --data ../acdc \
        --split data/manifests/acdc-80-20.json --labelled patient024 --minutes 10 > nnunet.json

Planning, preprocessing, augmentation, network, losses, deep supervision, optimiser and prediction are
nnU-Net's, configuration 2d. Its own planner makes the plan, for less memory and fewer channels than by
default, of which a CPU would take few steps: about 128 × 112 pixels, two a step, and 5 levels of 16 to
256 channels. Training ends after the minutes, over which the rate decays as it does over nnU-Net's
thousand epochs. All labelled patients are trained on (fold "all"), so that none is left to validate on,
and the last weights are those that are tested.
"""
import os, random, tempfile
from pathlib import Path

from acdc import STRUCTURES, THREADS, Outcome, arguments, evaluate, read, train_and_test, train_for

FEATURES = (16, 256)  # of the first stage, and at most
NAME = "Dataset001_ACDC"
PACKAGES = [
    "nnunetv2", "torch", "batchgenerators", "batchgeneratorsv2", "dynamic-network-architectures", "acvl-utils", "numpy"
]


def write_raw(folder, scans):
    """Lays the scans out as nnU-Net reads them; returns dataset.json."""
    from batchgenerators.utilities.file_and_folder_operations import save_json

    dataset = {
        "channel_names": {"0": "MRI"},
        "labels": {"background": 0, **STRUCTURES},
        "numTraining": len(scans),
        "file_ending": ".nii.gz",
        # ACDC's affines do not hold the voxels' size, which this reader takes from pixdim.
        "overwrite_image_reader_writer": "NibabelIO",
    }
    for part in ("imagesTr", "labelsTr"):
        (folder / part).mkdir(parents=True)
    for scan in scans:
        case = f"{scan.patient}_{scan.phase}"
        (folder / "imagesTr" / f"{case}_0000.nii.gz").symlink_to(scan.image.resolve())
        (folder / "labelsTr" / f"{case}.nii.gz").symlink_to(scan.mask.resolve())
    save_json(dataset, str(folder / "dataset.json"))
    return dataset


def plan_and_preprocess(memory):
    """The plans of nnU-Net's own planner, for so many GB; the scans are preprocessed by them."""
    from nnunetv2.experiment_planning.dataset_fingerprint.fingerprint_extractor import DatasetFingerprintExtractor
    from nnunetv2.experiment_planning.experiment_planners.default_experiment_planner import ExperimentPlanner
    from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor

    DatasetFingerprintExtractor(NAME, 1).run(overwrite_existing=True)
    planner = ExperimentPlanner(NAME, gpu_memory_target_in_gb=memory)
    planner.UNet_base_num_features, planner.UNet_max_features_2d = FEATURES
    plans = planner.plan_experiment()
    DefaultPreprocessor().run(1, "2d", planner.plans_identifier, num_processes=1)
    return plans


def train(plans, dataset, minutes):
    """The trained trainer and its number of steps."""
    import torch
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

    trainer = nnUNetTrainer({**plans, "continue_training": False}, "2d", "all", dataset, torch.device("cpu"))
    os.environ["nnUNet_n_proc_DA"] = "0"  # augments in this process, on the same threads
    trainer.num_epochs = 1  # so that its schedule of rates runs over the share of the time
    trainer.on_train_start()
    trainer.network.train()

    def step(share):
        trainer.lr_scheduler.step(share)
        trainer.train_step(next(trainer.dataloader_train))

    return trainer, train_for(minutes, step)


def segmenter(trainer):
    """Segments a scan as nnU-Net does by default: sliding windows, averaged over mirrored views."""
    import torch
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

    trainer.set_deep_supervision_enabled(False)
    predictor = nnUNetPredictor(device=torch.device("cpu"), allow_tqdm=False)
    predictor.manual_initialization(
        trainer.network, trainer.plans_manager, trainer.configuration_manager, [trainer.network.state_dict()],
        trainer.dataset_json, type(trainer).__name__, trainer.inference_allowed_mirroring_axes)

    def segment(image):
        voxels, spacing = read(image)
        labels = predictor.predict_single_npy_array(voxels.T[None], {"spacing": spacing[::-1]})
        return labels.T

    return segment


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--memory", type=float, default=0.04, help="GB that the planner may fill")
    options = parser.parse_args()
    labelled, test = train_and_test(options)
    outcome = Outcome("nnU-Net v2", options)
    with tempfile.TemporaryDirectory() as folder:
        for part in ("raw", "preprocessed", "results"):
            os.environ[f"nnUNet_{part}"] = f"{folder}/{part}"
        os.environ["nnUNet_n_proc_DA"] = str(THREADS)  # the planner's threads
        import numpy, torch

        torch.set_num_threads(THREADS)
        for seed in (random.seed, numpy.random.seed, torch.manual_seed):
            seed(options.seed)
        dataset = write_raw(Path(folder, "raw", NAME), labelled)
        plans = plan_and_preprocess(options.memory)
        outcome.lap("plan and preprocess")
        trainer, steps = train(plans, dataset, options.minutes)
        outcome.lap("train")
        cases = evaluate(test, segmenter(trainer))
        outcome.lap("test")
    plan = plans["configurations"]["2d"]
    settings = {"configuration": "2d", "fold": "all", "memory": options.memory, "plan": plan}
    outcome.write(steps, settings, cases, PACKAGES)


if __name__ == "__main__":
    main()
