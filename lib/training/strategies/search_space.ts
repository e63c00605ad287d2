/**
 * What a search for a strategy's length and rates varies, as data.
 *
 * @module
 */
import type { AdaptationSettings, Interval } from "../../config/config.ts";

/** The path of a number below a part of the configuration, for instance "probe.learningRate". */
export type NumberPath<Part> = {
  [Key in keyof Part & string]: Part[Key] extends number ? Key
    : Part[Key] extends object ? `${Key}.${NumberPath<Part[Key]>}`
    : never;
}[keyof Part & string];

/** The path of a number below `adaptation`; those of views are no strategy's own. */
export type AdaptationNumber = NumberPath<Omit<AdaptationSettings, "views">>;

/** A setting that a search varies about the value that it has. */
export interface SearchedSetting {
  /** Its path below `adaptation`. */
  setting: AdaptationNumber;
  /** The least and the greatest multiple of its value, which multiples in between part evenly. */
  times: Interval;
  /** Whether it counts something, so that its values are whole. */
  whole: boolean;
}

/** What a search varies of a strategy: one setting or more, the one that decides most first. */
export type SearchSpace = readonly [SearchedSetting, ...SearchedSetting[]];

/** A number of steps. Longer pays more often than shorter, and costs as much more. */
export function searchedSteps(setting: AdaptationNumber): SearchedSetting {
  return { setting, times: [1 / 2, 8], whole: true };
}

/** A learning rate. */
export function searchedRate(setting: AdaptationNumber): SearchedSetting {
  return { setting, times: [1 / 4, 4], whole: false };
}
