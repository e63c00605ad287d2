/** Words of messages that several tests expect, so that each stands in one place. */
export const WORDINGS = {
  /** A link to a file elsewhere. */
  leadsOut: "leads out of the dataset's folder",
  /** Weights that do not fit the network. */
  otherArchitecture: "a checkpoint of another architecture",
  /** Slices of one channel for a network of two. */
  otherChannels: "expected slices of 2 channels, found 1 channel: ",
  /** A folder in the place of a file. */
  folderFound: "expected a file, found a folder",
  /** Channels that leave a number out. */
  numberedChannels: "expected channels numbered 0, 1, ",
} as const;
