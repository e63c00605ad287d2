"""DICOM series of many kinds by pydicom, and what dcm2niix and nibabel make of each.

Writes, in the folder it runs in, a folder for each kind, and expected.json.
"""
import glob, json, os, shutil, subprocess
import nibabel
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, EnhancedMRImageStorage, ExplicitVRBigEndian
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, MRImageStorage

random = np.random.RandomState(1)
AXIAL = [1, 0, 0, 0, 1, 0]


def turned(about_x, about_z):
    cx, sx, cz, sz = np.cos(about_x), np.sin(about_x), np.cos(about_z), np.sin(about_z)
    turn = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    turn = turn @ np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    return list(turn[:, 0]) + list(turn[:, 1])


def pixels(shape, low=0, high=1500):
    y, x = np.indices(shape)
    return np.clip(x * 37 + y * 11 + random.randint(low, high, shape) // 4, low, high)


def common(modality, series, syntax):
    meta = FileMetaDataset()
    sop = {"CT": CTImageStorage, "MR": MRImageStorage}.get(modality, CTImageStorage)
    meta.MediaStorageSOPClassUID = sop
    meta.TransferSyntaxUID = syntax
    data = Dataset()
    data.file_meta = meta
    data.is_little_endian = syntax != ExplicitVRBigEndian
    data.is_implicit_VR = syntax == ImplicitVRLittleEndian
    data.SOPClassUID = sop
    data.StudyInstanceUID = "1.2.826.0.1.77"
    data.SeriesInstanceUID = f"1.2.826.0.1.77.{series}"
    data.FrameOfReferenceUID = "1.2.826.0.1.78"
    data.PatientName = "Secret^Name"
    data.PatientID = "SECRETID"
    data.StudyDate = data.SeriesDate = "19700203"
    data.Modality = modality
    data.Manufacturer = "Nobody"
    data.SeriesNumber = series
    data.PatientPosition = "HFS"
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL" if modality == "CT" else "M"]
    data.SliceThickness = 2.5
    data.SamplesPerPixel = 1
    data.PhotometricInterpretation = "MONOCHROME2"
    return data


def put(data, values, bits, signed):
    data.Rows, data.Columns = values.shape[-2:]
    data.BitsAllocated = data.BitsStored = bits
    data.HighBit = bits - 1
    data.PixelRepresentation = int(signed)
    kind = np.dtype(f"{'i' if signed else 'u'}{bits // 8}")
    kind = kind.newbyteorder("<" if data.is_little_endian else ">")
    data.PixelData = values.astype(kind).tobytes()
    data["PixelData"].VR = "OW" if bits > 8 else "OB"


def write(dir, name, data, instance):
    data.SOPInstanceUID = f"{data.SeriesInstanceUID}.{instance}"
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    os.makedirs(dir, exist_ok=True)
    data.save_as(os.path.join(dir, name), write_like_original=False)


def series(
    dir, modality="CT", number=1, slices=6, shape=(24, 20), step=2.5, origin=(-10, -20, 30),
    orientation=AXIAL, syntax=ExplicitVRLittleEndian, bits=16, signed=False, slope=(1,),
    intercept=0, order=None, numbers=None, volumes=1, names="slice{:03d}.dcm",
):
    normal = np.cross(orientation[:3], orientation[3:])
    numbers = numbers or list(range(slices * volumes))
    order = order or list(range(slices * volumes))
    for i in range(slices * volumes):
        data = common(modality, number, syntax)
        data.InstanceNumber = int(numbers[i]) + 1
        data.AcquisitionNumber = i // slices + 1
        place = np.array(origin) + normal * step * (i % slices)
        data.ImagePositionPatient = [f"{value:.6g}" for value in place]
        data.ImageOrientationPatient = [f"{value:.8g}" for value in orientation]
        data.PixelSpacing = [0.8, 0.7]
        data.RescaleSlope, data.RescaleIntercept = slope[i % len(slope)], intercept
        put(data, pixels(shape, high=250 if bits == 8 else 1500), bits, signed)
        write(dir, names.format(order[i]), data, i + 1)


def enhanced(dir, slices=5):
    data = common("MR", 1, ExplicitVRLittleEndian)
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = EnhancedMRImageStorage
    data.NumberOfFrames = slices
    shared, measures, plane = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.8, 0.7], 2.5
    measures.SpacingBetweenSlices = 2.5
    plane.ImageOrientationPatient = AXIAL
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([plane])
    data.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    for i in range(slices):
        place, content, frame = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [-10, -20, 30 + 2.5 * i]
        content.DimensionIndexValues = [1, i + 1]
        content.StackID, content.InStackPositionNumber = "1", i + 1
        frame.PlanePositionSequence = Sequence([place])
        frame.FrameContentSequence = Sequence([content])
        frames.append(frame)
    data.PerFrameFunctionalGroupsSequence = Sequence(frames)
    data.InstanceNumber = 1
    put(data, np.stack([pixels((24, 20)) for _ in range(slices)]), 16, False)
    write(dir, "enhanced.dcm", data, 1)


def compressed(dir):
    os.makedirs(dir)
    for path in glob.glob("ct/*"):
        copy = path.replace("ct/", dir + "/")
        subprocess.run(["gdcmconv", f"--{dir}", path, copy], check=True)


shuffled = [int(i) for i in random.permutation(6)]
series("ct", slope=(1,), intercept=-1024)
series("mr", modality="MR", names="IM{:04d}")
series("signed", signed=True, intercept=-24, slope=(2,))
series("8 bits", modality="MR", bits=8)
series("reversed files", order=[5 - i for i in range(6)], names="{}.IMA")
series("random files", order=shuffled)
series("reversed numbers", numbers=[5 - i for i in range(6)])
series("downwards", step=-2.5)
series("scaled by slice", modality="PT", slope=(0.5, 0.75, 1.25))
series("implicit", syntax=ImplicitVRLittleEndian)
series("big-endian", syntax=ExplicitVRBigEndian)
series("sagittal", modality="MR", orientation=[0, 1, 0, 0, 0, -1])
series("coronal", modality="MR", orientation=[1, 0, 0, 0, 0, -1])
series("oblique", modality="MR", orientation=turned(0.5, 0.3))
series("one slice", slices=1)
series("two volumes", modality="MR", volumes=2, slices=4)
enhanced("enhanced")
# Lossless: what is in them is what is in "ct".
COMPRESSED = ["jpeg", "jpegls", "j2k", "rle"] if shutil.which("gdcmconv") else []
for option in COMPRESSED:
    compressed(option)

expected = {}
for dir in sorted(entry.name for entry in os.scandir(".") if entry.is_dir()):
    source = "ct" if dir in COMPRESSED else dir
    subprocess.run(
        ["dcm2niix", "-x", "i", "-b", "n", "-z", "n", "-f", "out", "-o", ".", source],
        check=True, stdout=subprocess.DEVNULL,
    )
    made = [path for path in glob.glob("out*.nii") if "_Eq" not in path]
    image = nibabel.load(made[0])
    voxels = np.asarray(image.dataobj, dtype=np.float64)
    expected[dir] = {
        "files": len(made), "shape": voxels.shape, "affine": image.affine.tolist(),
        "voxels": voxels.flatten(order="F").tolist(),
    }
    for path in glob.glob("out*.nii"):
        os.remove(path)
with open("expected.json", "w") as file:
    json.dump(expected, file)
