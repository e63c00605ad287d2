/**
 * A strategy of adaptation as one object: all that tasks, plans, reports and figures ask of it.
 *
 * @module
 */
import type { AdaptationSettings } from "../../config/config.ts";
import type { HostTensor } from "../weights/safetensors.ts";
import type { Adaptation } from "./adaptation.ts";
import type { SearchSpace } from "./search_space.ts";

/** How a line looks in a figure, in plotly's words. */
export interface LineStyle {
  /** Its points. */
  symbol: "circle" | "square" | "diamond" | "triangle-up" | "cross" | "x";
  /** What is between them. */
  dash: "solid" | "dash" | "dot" | "dashdot";
}

/** A way for a model to come to its labels. */
export interface Strategy<Name extends string = string> {
  /** What options, plans and results call it. */
  name: Name;
  /** What readers know it as, for instance "Linear probe". */
  label: string;
  /** The same as the end of a sentence: "adapts a model by a linear probe". */
  how: string;
  /** Whether it starts from a pretraining. */
  pretraining: "none" | "optional" | "required";
  /** Whether it learns from slices without labels too. */
  unlabelled: boolean;
  /** What its steps train; all else is as it was. */
  trains: "network" | "head" | "nothing";
  /** Its line in figures, where the colour is the pretraining's. */
  line: LineStyle;
  /** Its steps, from a pretraining or without. */
  steps: (settings: AdaptationSettings, from: { pretrained: boolean }) => number;
  /** Slices of a step, unlabelled ones included. */
  batch: (settings: AdaptationSettings) => number;
  /**
   * What a search for its length and rates varies, from a pretraining or from random weights: every
   * strategy of a sweep is searched with as many tries.
   */
  search: (from: { pretrained: boolean }) => SearchSpace;
  /** Adapts a network, in place. Returns the weights that its checkpoint keeps. */
  adapt: (given: Adaptation) => Promise<Record<string, HostTensor>>;
}
