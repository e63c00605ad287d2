/** A mistake as the tables have it. */
export interface Mistake {
  /** What is wrong then, in a few words. */
  what: string;
  /** Text of the file; it occurs there exactly once. */
  text: string;
  /** What stands in its place. */
  instead: string;
  /** Why no test has to notice it. */
  survives?: string;
}

/** Mistakes in one file, and the tests that have to notice them. */
export interface Mistakes {
  /** Path of the file in the project. */
  file: string;
  /** Paths of the test files. */
  tests: string[];
  /** The mistakes, made one at a time. */
  mistakes: Mistake[];
}

/** A mistake with its file and its tests. */
export type Mutant = Mistake & Omit<Mistakes, "mistakes">;

/** Most mistakes that may be excused. */
const MOST_EXCUSED = 2;

/** All mistakes, one after another. */
export function mutantsOf(tables: readonly Mistakes[]): Mutant[] {
  return tables.flatMap(({ mistakes, ...where }) =>
    mistakes.map((mistake) => ({ ...where, ...mistake }))
  );
}

/** What is wrong with a table: the code has changed since, most often. */
export function tableProblems(
  mutants: readonly Mutant[],
  read: (path: string) => string | undefined,
): string[] {
  const excused = mutants.filter(({ survives }) => survives !== undefined).length;
  const repeated = mutants.filter(({ file, what }, i) =>
    mutants.findIndex((other) => other.file === file && other.what === what) < i
  );
  return [
    ...mutants.flatMap(({ file, what, text, instead, tests }) => {
      const times = (read(file) ?? "").split(text).length - 1;
      return [
        ...(times === 1
          ? []
          : [`${file}: ${what}: expected its text once, found it ${times} times`]),
        ...(text === instead ? [`${file}: ${what}: changes nothing`] : []),
        ...tests.filter((test) => read(test) === undefined).map((test) => `${test}: no such file`),
      ];
    }),
    ...repeated.map(({ file, what }) => `${file}: ${what}: is there twice`),
    ...(excused > MOST_EXCUSED
      ? [`expected at most ${MOST_EXCUSED} excuses, found ${excused}`]
      : []),
  ];
}
