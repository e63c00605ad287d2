/**
 * A sweep as Jobs of Kubernetes: an indexed one of what needs nothing, and one of the rest, which
 * waits to be resumed.
 *
 * @module
 */
import { posix } from "node:path";
import type { PlannedStage } from "../sweep/plan.ts";
import { shellWord } from "./shell_word.ts";

/** Seconds that a run has to save when its pod is to go. */
const GRACE = 120;

/** How often a run is tried again that failed. */
const RETRIES = 3;

/** Options of {@linkcode kubernetesJobs}. */
export interface KubernetesOptions {
  /** Name of the sweep. */
  name: string;
  /** The program and its arguments that run a stage, but for its number. */
  command: readonly string[];
  /** Image with Deno and, for a GPU, with libvulkan. */
  image: string;
  /** The volume claim that is mounted at `folder`, where the project and the data lie. */
  claim: string;
  /** Where the project lies. */
  folder: string;
  /** Pods of a Job at the same time; all by default. */
  maxParallel?: number;
  /** What each pod asks for and gets at most, for instance `{"nvidia.com/gpu": "1"}`. */
  resources: Record<string, string>;
}

/** A list of Jobs as `kubectl apply` takes it. */
export interface KubernetesList {
  /** Version of the form. */
  apiVersion: "v1";
  /** What it is. */
  kind: "List";
  /** The Jobs. */
  items: object[];
}

/**
 * The Jobs of stages: the second, of those that need others, is suspended until these are done. A
 * pod that is evicted or told to stop is no failure.
 */
export function kubernetesJobs(
  stages: readonly Pick<PlannedStage, "id" | "after">[],
  options: KubernetesOptions,
): KubernetesList {
  const first = stages.filter(({ after }) => after.length === 0);
  const then = stages.filter(({ after }) => after.length > 0);
  const items = [
    ...first.length ? [job("first", first.map(({ id }) => id), options)] : [],
    ...then.length ? [job("then", then.map(({ id }) => id), options, first.length > 0)] : [],
  ];
  return { apiVersion: "v1", kind: "List", items };
}

/** The name of one of the Jobs of a sweep. */
export function kubernetesName(sweep: string, part: "first" | "then"): string {
  const name = sweep.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-").replaceAll(/^-+|-+$/g, "");
  return `${(name || "sweep").slice(0, 40)}-${part}`;
}

function job(
  part: "first" | "then",
  ids: readonly number[],
  { name, command, image, claim, folder, maxParallel, resources }: KubernetesOptions,
  suspend = false,
): object {
  // The index of a pod counts within its Job; the numbers of the stages are looked up by it.
  const words = command.map(quoted).join(" ");
  const script = `shift "$JOB_COMPLETION_INDEX"; exec ${words} --run="$1"`;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: kubernetesName(name, part) },
    spec: {
      ...{ completionMode: "Indexed", completions: ids.length, suspend },
      parallelism: Math.min(maxParallel ?? ids.length, ids.length),
      backoffLimitPerIndex: RETRIES,
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] },
          { action: "Ignore", onExitCodes: { operator: "In", values: [130] } },
        ],
      },
      template: {
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: GRACE,
          containers: [{
            ...{ name: "run", image, workingDir: folder },
            command: ["sh", "-c", script, "run", ...ids.map(String)],
            ...Object.keys(resources).length &&
              { resources: { requests: resources, limits: resources } },
            volumeMounts: [{ name: "shared", mountPath: posix.normalize(folder) }],
          }],
          volumes: [{ name: "shared", persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  };
}

/** A word as Kubernetes and then a shell read it back: Kubernetes makes one dollar sign of two. */
function quoted(word: string): string {
  return shellWord(word).replaceAll("$", () => "$$");
}
