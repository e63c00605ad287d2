import assert from "node:assert/strict";
import { kubernetesJobs } from "../../../lib/experiments/cluster/kubernetes.ts";

/** What the test looks at. */
interface Job {
  metadata: { name: string };
  spec: Record<string, unknown> & {
    template: { spec: { containers: { command: string[]; resources?: object }[] } };
  };
}

const stages = [[0], [1], [2], [3, 2], [7, 2]].map(([id, ...after]) => ({ id, after }));
const options = {
  name: "My sweep",
  command: ["echo", "it's", "cash$", "$(HOME) $$ $&"],
  image: "image",
  claim: "claim",
  folder: "/work",
  resources: { "nvidia.com/gpu": "1" },
};

Deno.test("kubernetesJobs() is an indexed Job of what needs nothing, and a suspended one of the rest", () => {
  const [first, then] = kubernetesJobs(stages, { ...options, maxParallel: 2 }).items as Job[];
  const facts = ({ metadata: { name }, spec }: Job) => {
    const { completionMode, completions, parallelism, suspend } = spec;
    return [name, completionMode, completions, parallelism, suspend];
  };
  assert.deepEqual(facts(first), ["my-sweep-first", "Indexed", 3, 2, false]);
  assert.deepEqual(facts(then), ["my-sweep-then", "Indexed", 2, 2, true]);
  const { resources } = first.spec.template.spec.containers[0];
  assert.deepEqual(resources, {
    requests: { "nvidia.com/gpu": "1" },
    limits: { "nvidia.com/gpu": "1" },
  });
  const left = stages.slice(3);
  const [only] = kubernetesJobs(left, options).items as Job[];
  assert.deepEqual(facts(only), ["my-sweep-then", "Indexed", 2, 2, false]);
});

Deno.test("a pod of kubernetesJobs() runs the stage of its index", async () => {
  const [, then] = kubernetesJobs(stages, options).items as Job[];
  const { command: [program, ...args] } = then.spec.template.spec.containers[0];
  for (const [index, id] of [3, 7].entries()) {
    const { stdout } = await new Deno.Command(program, {
      args: args.map(expanded),
      env: { JOB_COMPLETION_INDEX: `${index}` },
    }).output();
    assert.equal(new TextDecoder().decode(stdout), `it's cash$ $(HOME) $$ $& --run=${id}\n`);
  }
});

/** What Kubernetes makes of a container's argument: $$ is one dollar sign, $(NAME) a variable. */
function expanded(text: string): string {
  return text.replaceAll(/\$\$|\$\(\w+\)/g, (found) => found === "$$" ? "$" : "a variable");
}
