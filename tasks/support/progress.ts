/**
 * Progress: one line that is rewritten on a terminal, plain lines now and then elsewhere.
 *
 * @module
 */

/** A progress display. */
export interface Progress {
  /** Shows how much is done, 0 to 1, and what is going on. */
  update: (fraction: number, text: string) => void;
  /** Ends the line. */
  end: () => void;
}

/** Seconds between plain lines. */
const PLAIN_INTERVAL = 15;

/**
 * Starts a progress display. Time left is reckoned from the first update: what was done before, in a
 * run that goes on, took none of this one's time.
 */
export function progress(): Progress {
  const terminal = Deno.stderr.isTerminal();
  let first: { fraction: number; time: number } | undefined;
  let shown = performance.now();
  const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
  return {
    update: (fraction, text) => {
      const now = performance.now();
      first ??= { fraction, time: now };
      const left = (now - first.time) / 1000 * (1 - fraction) / (fraction - first.fraction);
      const line = `${`${Math.floor(100 * fraction)}`.padStart(3)} %  ${text}  ${timeLeft(left)}`;
      if (terminal) {
        write(`\r\x1b[K${line.slice(0, Deno.consoleSize().columns - 1)}`);
      } else if (now - shown > PLAIN_INTERVAL * 1000) {
        write(`${line.trimEnd()}\n`);
        shown = now;
      }
    },
    end: () => {
      if (terminal) write("\r\x1b[K");
    },
  };
}

/** "3 min 20 s"; whole seconds. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

function timeLeft(seconds: number): string {
  return Number.isFinite(seconds) ? `${duration(seconds)} left` : "";
}
