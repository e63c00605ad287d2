/** A Slurm of its own: munged, slurmctld and slurmd in a folder, with ports of their own. */
import { existsSync } from "node:fs";
import { leashed } from "../../tasks/support/notebooks/leash.ts";
import { until } from "../support/until.ts";

/** What it takes; Debian's munge, slurmctld, slurmd and slurm-client. */
const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel"];

/** Where daemons are that a user's PATH may lack. */
const PATH = `${Deno.env.get("PATH")}:/usr/sbin:/sbin`;

/** Programs that are not installed. */
export const MISSING = PROGRAMS.filter((name) =>
  !PATH.split(":").some((folder) => existsSync(`${folder}/${name}`))
);

/** A running Slurm of one node, "node", with two processors. */
export interface Cluster {
  /** Runs one of Slurm's programs and returns what it prints. */
  run: (program: string, ...args: string[]) => Promise<string>;
  /** Jobs in the queue, as "job_index state". */
  queue: () => Promise<string[]>;
  /** Ends jobs and daemons. */
  stop: () => Promise<void>;
}

/** Starts it; programs of Slurm that are run from here on, by whomever, belong to it. */
export async function startCluster(dir: string): Promise<Cluster> {
  Deno.env.set("PATH", PATH);
  Deno.env.set("SLURM_CONF", `${dir}/slurm.conf`);
  const [host, user] = [await output("hostname", "-s"), await output("id", "-un")];
  for (const name of ["state", "spool"]) Deno.mkdirSync(`${dir}/${name}`);
  Deno.writeFileSync(`${dir}/munge.key`, crypto.getRandomValues(new Uint8Array(128)), {
    mode: 0o600,
  });
  Deno.writeTextFileSync(`${dir}/slurm.conf`, configuration(dir, { host, user }));
  const daemons: Deno.ChildProcess[] = [];
  const daemon = (name: string, ...args: string[]) => {
    // They end with this process, however it ends.
    const [program, ...rest] = leashed([name, ...args]);
    daemons.push(
      new Deno.Command(program, { args: rest, stdin: "piped", stdout: "null", stderr: "null" })
        .spawn(),
    );
  };
  const stop = async () => {
    for (const process of daemons.reverse()) {
      process.kill("SIGTERM");
      await process.status;
      await process.stdin.close().catch(() => {});
    }
  };
  const files = ["key", "socket", "pid", "log", "seed"].map((name) =>
    `--${name}${name === "socket" ? "" : "-file"}=${dir}/munge.${name}`
  );
  daemon("munged", "--foreground", "--force", ...files);
  const cluster: Cluster = {
    run: output,
    queue: async () => {
      const text = await output("squeue", "--array", "--noheader", "--format=%i %T");
      return text.split("\n").filter(Boolean);
    },
    stop: async () => {
      try {
        await output("scancel", `--user=${user}`);
        await until("the jobs' end", async () => (await cluster.queue()).length === 0);
      } finally {
        await stop();
      }
    },
  };
  try {
    await until("munged", () => existsSync(`${dir}/munge.socket`));
    daemon("slurmctld", "-D", "-i");
    daemon("slurmd", "-D", "-N", "node");
    await until("slurmd", async () => {
      return await output("sinfo", "--noheader", "--format=%T").catch(() => "") === "idle";
    });
    return cluster;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs a program that has to succeed. */
async function output(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${text(stderr)}`);
  return text(stdout);
}

/** A configuration that needs no cgroups, no accounting and no other users. */
function configuration(dir: string, { host, user }: { host: string; user: string }): string {
  const port = 20_000 + 2 * (Deno.pid % 10_000);
  return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${port}
SlurmdPort=${port + 1}
AuthType=auth/munge
CredType=cred/munge
# Also how long a job waits that was requeued.
AuthInfo=socket=${dir}/munge.socket,cred_expire=5
SlurmUser=${user}
SlurmdUser=${user}
StateSaveLocation=${dir}/state
SlurmdSpoolDir=${dir}/spool
SlurmctldPidFile=${dir}/slurmctld.pid
SlurmdPidFile=${dir}/slurmd.pid
SlurmctldLogFile=${dir}/slurmctld.log
SlurmdLogFile=${dir}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=2
KillWait=20
NodeName=node NodeHostname=${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES State=UP
`;
}
