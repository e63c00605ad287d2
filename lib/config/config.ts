/**
 * The configuration of a run: everything that decides its result, as plain data. The comments of the
 * settings are their description in docs/configuration.md, which a test keeps equal to them.
 *
 * @module
 */
import type { BackboneSettings } from "./backbone.ts";
import type { DataSettings } from "./data_settings.ts";

/** Lower and upper bound of a uniform distribution. */
export type Interval = readonly [low: number, high: number];

/** How strong each intensity transform is, and the probability of applying it to a slice. */
export interface IntensitySettings {
  /** Gaussian noise. */
  noise: {
    /** Probability of noise. */
    probability: number;
    /** Its standard deviation, in units of intensity: most of a slice lies in 0 to 1. */
    std: Interval;
  };
  /** Gaussian blur. */
  blur: {
    /** Probability of blur. */
    probability: number;
    /** Its standard deviation in pixels. */
    std: Interval;
  };
  /** Gamma: x to the power of exp(`logGamma`). */
  gamma: {
    /** Probability of a change of gamma. */
    probability: number;
    /** Logarithm of the exponent; 0 changes nothing. */
    logGamma: Interval;
  };
  /** Bias field: a factor of exp(a polynomial of the place). */
  biasField: {
    /** Probability of a bias field. */
    probability: number;
    /** Coefficient of each term of its polynomial. */
    coefficient: Interval;
  };
  /** Inversion, 1 − x. */
  inversion: {
    /** Probability of inversion, 1 − x. */
    probability: number;
  };
  /** Rescaling of the slice's own minimum and maximum to 0 and 1, after all others. */
  rescale: {
    /** Probability of rescaling the slice's own minimum and maximum to 0 and 1, after all others. */
    probability: number;
  };
}

/** A lattice of random displacements between which a B-spline interpolates. */
export interface ElasticLattice {
  /** Control points along each side, 4 or more; those on the border do not move. */
  points: number;
  /** Largest displacement along each axis as a fraction of the slice's side. */
  displacement: number;
}

/** The distribution of the spatial transforms. */
export interface SpatialSettings {
  /** Rotation in radians. */
  rotation: Interval;
  /** Side of the crop as a fraction of the slice's side, in (0, 1]. */
  scale: Interval;
  /** Whether to flip: not at all, left-right or up-down, each with probability 1/3. */
  flip: boolean;
  /** Elastic deformation after the affine transform, a sum over lattices; none for none. */
  elastic: readonly ElasticLattice[];
}

/** The distribution of views. */
export interface ViewSettings {
  /** Intensity transforms. */
  intensity: IntensitySettings;
  /** Spatial transforms. */
  spatial: SpatialSettings;
}

/** What becomes of pixels whose source lies outside the slice: left out, or kept as zeros. */
export type FieldOfView = "mask" | "zero-pad";

/** InfoNCE over sampled pixels: the loss of `pix2rep`. */
export interface InfoNceLoss {
  /** Selects this loss. */
  name: "info-nce";
  /** Temperature of the soft-max, above 0. */
  temperature: number;
  /** Pixels drawn over the whole batch. */
  pixels: number;
  /** What becomes of pixels outside the field of view. */
  fieldOfView: FieldOfView;
}

/** Barlow Twins over pixels: the loss of `pix2rep-bt`. */
export interface BarlowTwinsLoss {
  /** Selects this loss. */
  name: "barlow-twins";
  /** Weight of the redundancy term, above 0. */
  lambda: number;
  /** Pixels drawn over the whole batch, or all of them. */
  pixels: number | "all";
  /** What becomes of pixels outside the field of view. */
  fieldOfView: FieldOfView;
}

/** A loss over pixels: it trains the whole backbone. */
export type PixelLoss = InfoNceLoss | BarlowTwinsLoss;

/** NT-Xent over whole slices (Chen et al., SimCLR, ICML 2020), a comparator. */
export interface SimClrLoss {
  /** Selects this loss. */
  name: "simclr";
  /** Temperature of the soft-max, above 0. */
  temperature: number;
}

/** Barlow Twins over whole slices (Punn & Agarwal, BT-UNet, 2022), a comparator. */
export interface BtUnetLoss {
  /** Selects this loss. */
  name: "bt-unet";
  /** Weight of the redundancy term, above 0. */
  lambda: number;
}

/**
 * A loss over whole slices: it trains the encoder alone. The decoder keeps its random initial
 * weights.
 */
export type ImageLoss = SimClrLoss | BtUnetLoss;

/** What pretraining minimises. */
export type PretrainingLoss = PixelLoss | ImageLoss;

/** Whether a loss compares pixels, not whole slices. */
export function isPixelLoss(loss: PretrainingLoss): loss is PixelLoss {
  return "pixels" in loss;
}

/** How pretraining runs. */
export interface PretrainingSettings {
  /** Passes over the slices; 0.5 for every second one. */
  epochs: number;
  /** Slices per step. */
  batch: number;
  /** Adam, or AdamW with decoupled weight decay. */
  optimiser: "adam" | "adamw";
  /** Base learning rate. */
  learningRate: number;
  /** AdamW's weight decay; Adam ignores it. */
  weightDecay: number;
  /** How the rate changes over the run. */
  schedule: "constant" | "cosine";
  /** Share of the steps over which a cosine schedule first rises, 0 to 1. */
  warmup: number;
  /** Random square patches of each slice that train beside it, enlarged to the slice's size. */
  patches: {
    /** Patches of each slice that train beside it; 0 for none. */
    perSlice: number;
    /** Side of a patch as a fraction of the slice's side, in (0, 1]. */
    scale: Interval;
  };
  /** Frames taken evenly from each cine beside the scans; 0 for the scans alone. */
  cineFrames: number;
  /** Steps between two measurements of the representation; 0 for none. */
  qualityEvery: number;
}

/** How the model is adapted to labelled patients. */
export interface AdaptationSettings {
  /** Steps of every strategy that trains the backbone. */
  iterations: number;
  /** Slices per step. */
  batch: number;
  /** Soft Dice alone, or with cross-entropy. */
  loss: "dice" | "dice-ce";
  /** How the rates change over the run; a cosine without warm-up. */
  schedule: "constant" | "cosine";
  /** A network of random weights. */
  scratch: {
    /** Learning rate of a network of random weights. */
    learningRate: number;
  };
  /** A linear head on the frozen backbone's standardised features. */
  probe: {
    /** Learning rate of the linear head on frozen features. */
    learningRate: number;
    /** Its steps. */
    iterations: number;
  };
  /** A pretrained backbone and its new head. */
  finetune: {
    /** Learning rate of the pretrained backbone. */
    backboneLearningRate: number;
    /** Learning rate of its new head. */
    headLearningRate: number;
  };
  /** Fine-tuning with a teacher, the student's running mean, on unlabelled slices. */
  meanTeacher: MeanTeacherSettings;
  /** Training on what a teacher is sure of on unlabelled slices. */
  weakToStrong: WeakToStrongSettings;
  /** Nearest labelled pixels, without training. */
  inContext: {
    /** Labelled pixels that vote for the class of a pixel. */
    neighbours: number;
    /** Pixels kept of each labelled slice, up to half of them of the structures. */
    pixelsPerSlice: number;
  };
  /** Views of the labelled slices. */
  views: ViewSettings;
}

/** Mean Teacher (Tarvainen & Valpola, NeurIPS 2017) in the settings of Pix2Rep. */
export interface MeanTeacherSettings {
  /** Greatest share of the old teacher in the new one, in [0, 1): α = min(1 − 1/(step + 1), decay). */
  decay: number;
  /** Greatest weight of the consistency loss. */
  weight: number;
  /** Standard deviation of the noise in the teacher's input, which is cut at twice that. */
  noise: number;
  /** Share of the steps before consistency counts, 0 to 1. */
  warmup: number;
  /** Unlabelled slices per step. */
  batch: number;
}

/** Weak-to-strong consistency (FixMatch: Sohn et al., NeurIPS 2020) from a linear probe. */
export interface WeakToStrongSettings {
  /** Greatest share of the old teacher in the new one, as a Mean Teacher's. */
  decay: number;
  /** Weight of the loss on unlabelled slices. */
  weight: number;
  /** Share of the steps before unlabelled slices count, 0 to 1: they need a teacher worth hearing. */
  warmup: number;
  /** Least probability, in [0, 1], of a class that the teacher is believed. */
  threshold: number;
  /** Unlabelled slices per step. */
  batch: number;
  /** Probability that a box of an unlabelled slice is another's. */
  cutMix: number;
  /** Intensities of the view that the student sees; the teacher sees the slice's own. */
  intensity: IntensitySettings;
}

/** How a trained model segments a volume. */
export interface InferenceSettings {
  /** What the network sees of a slice larger than the grid: its centre, or windows over all of it. */
  window: "centre" | "sliding";
  /** Share of a sliding window that the next one sees again, in [0, 1). */
  overlap: number;
  /** Whether only the largest connected part of each structure is kept. */
  largestComponent: boolean;
  /** Whether holes of the mask are filled, after that. */
  fillHoles: boolean;
  /** Whether slices are also seen mirrored, left to right and top to bottom, and the mean counts. */
  mirror: boolean;
}

/** Everything that decides a run's result, besides the data and the backend. */
export interface Config {
  /** The preset that the configuration started from. */
  preset: string;
  /** Seed of everything random. */
  seed: number;
  /** How files are read. */
  data: DataSettings;
  /** The grid that slices are put on. */
  grid: {
    /** Pixels per side: a multiple of 2^(n − 1) for a backbone of n levels. */
    size: number;
    /** Millimetres between pixel centres. */
    spacing: number;
    /** Axis across which slices are taken, right, front or head; by default the thickest. */
    axis: "auto" | "x" | "y" | "z";
  };
  /** The encoder–decoder. */
  backbone: BackboneSettings;
  /** The projection head of pretraining, which adaptation drops. */
  projection: {
    /** Number of its 1×1 convolutions; 0 for no head. */
    depth: number;
    /** Their channels. */
    width: number;
  };
  /** Views of the unlabelled slices. */
  views: ViewSettings;
  /** The loss of pretraining. */
  loss: PretrainingLoss;
  /** How pretraining runs. */
  pretraining: PretrainingSettings;
  /** How the model is adapted. */
  adaptation: AdaptationSettings;
  /** How a volume is segmented. */
  inference: InferenceSettings;
}
