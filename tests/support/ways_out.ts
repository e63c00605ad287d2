/**
 * Every way that is known by which a program could send or keep what it read. One function that needs
 * nothing around it, so that its text also runs in threads and workers that may read no file.
 *
 * @module
 */

/**
 * Tries all ways out.
 *
 * @param dir A folder that is there, in which nothing may be written.
 * @returns What became of each: "done", or the error's name or code.
 */
export async function waysOut(dir: string): Promise<Record<string, string>> {
  const [hostname, port] = ["127.0.0.1", 8009];
  const host = `${hostname}:${port}`;
  // deno-lint-ignore no-explicit-any -- modules that this version may have or not
  const node = (name: string): any => globalThis.process.getBuiltinModule(`node:${name}`);
  /** Opens a thing that tells by events how it went. */
  const opened = (thing: EventTarget) =>
    new Promise((resolve, reject) => {
      thing.addEventListener("open", resolve);
      thing.addEventListener("error", () => reject(new Error("closed")));
    });
  /** The same of Node's things. */
  const emitted = (thing: unknown, event: string) =>
    new Promise((resolve, reject) => {
      const { on } = thing as { on: (event: string, then: (value: unknown) => void) => void };
      on.call(thing, event, resolve);
      on.call(thing, "error", reject);
    });
  /** A worker that asks for more than it may have. */
  const worker = (code: string) => {
    const options = { type: "module", deno: { permissions: { net: true } } } as const;
    return new Worker(`data:text/javascript,${encodeURIComponent(code)}`, options);
  };
  const imported = (name: string) => import(name);
  // deno-lint-ignore no-explicit-any -- parts of Deno that this version may have or not
  const deno = Deno as any;
  const attempts: Record<string, () => unknown> = {
    "fetch": () => fetch(`http://${host}`),
    "WebSocket": () => opened(new WebSocket(`ws://${host}`)),
    "EventSource": () => opened(new EventSource(`http://${host}`)),
    "XMLHttpRequest": () => Reflect.construct(Reflect.get(globalThis, "XMLHttpRequest"), []),
    "sendBeacon": () => Reflect.get(navigator, "sendBeacon")(`http://${host}`),
    "WebTransport": () =>
      Reflect.construct(Reflect.get(globalThis, "WebTransport"), [`https://${host}`]),
    "Deno.connect": () => Deno.connect({ hostname, port }),
    "Deno.connect, unix": () => deno.connect({ transport: "unix", path: `${dir}/none.sock` }),
    "Deno.connectTls": () => Deno.connectTls({ hostname, port }),
    "Deno.connectQuic": () => deno.connectQuic({ hostname, port, alpnProtocols: ["h3"] }),
    "Deno.listen": () => Deno.listen({ port: 0 }),
    "Deno.listenDatagram": () => deno.listenDatagram({ transport: "udp", port: 0, hostname }),
    "Deno.serve": () => Deno.serve({ port: 0, onListen: () => {} }, () => new Response()),
    "Deno.resolveDns": () => Deno.resolveDns("localhost", "A"),
    "Deno.openKv": () => deno.openKv(`http://${host}`),
    "Deno.openKv, a file": () => deno.openKv(),
    "Deno.bundle": () => deno.bundle({ entrypoints: ["npm:pix2rep-way-out"] }),
    "Deno.Command": () => new Deno.Command("true").output(),
    "Deno.dlopen": () => Deno.dlopen("libc.so.6", {}),
    "permissions.request": async () => {
      const { state } = await Deno.permissions.request({ name: "net" });
      if (state !== "granted") throw new Deno.errors.NotCapable(state);
    },
    "import npm:": () => imported(`npm:${"pix2rep"}-way-out`),
    "import npm:, static": () => imported("data:text/javascript,import 'npm:pix2rep-way-out'"),
    "import jsr:": () => imported(`jsr:@std/${"path"}`),
    "import http:": () => imported(`http://${host}/code.ts`),
    "import https:": () => imported("https://deno.land/std@0.224.0/version.ts"),
    "import http:, static": () => imported(`data:text/javascript,import 'http://${host}/a.js'`),
    "import data: that fetches": () =>
      imported(`data:text/javascript,await fetch('http://${host}')`),
    "worker that may more": () => worker("fetch()"),
    "node:net": () => emitted(node("net").connect(port, hostname), "connect"),
    "node:net, a server": () =>
      emitted(node("net").createServer().listen(0, hostname), "listening"),
    "node:tls": () => emitted(node("tls").connect(port, hostname), "secureConnect"),
    "node:http": () => emitted(node("http").get(`http://${host}`), "response"),
    "node:https": () => emitted(node("https").get(`https://${host}`), "response"),
    "node:http2": () => emitted(node("http2").connect(`http://${host}`), "connect"),
    "node:dgram": () =>
      new Promise((resolve, reject) => {
        const socket = node("dgram").createSocket("udp4");
        socket.on("error", reject);
        socket.send(
          "secret",
          port,
          hostname,
          (error: unknown) => error ? reject(error) : resolve(0),
        );
      }),
    "node:dns lookup": () => node("dns").promises.lookup("example.com"),
    "node:dns resolve": () => node("dns").promises.resolve4("example.com"),
    "node:child_process": () => {
      const { error } = node("child_process").spawnSync("true");
      if (error) throw error;
    },
    "node:child_process fork": () => emitted(node("child_process").fork("none.js"), "spawn"),
    "node:cluster": () => emitted(node("cluster").fork(), "online"),
    "node:inspector": () => {
      node("inspector").open(0, hostname);
      if (node("inspector").url() === undefined) throw new Error("closed");
    },
    "node:process dlopen": () => Reflect.get(globalThis.process, "dlopen")({ exports: {} }, "x"),
    "node:sqlite": () => new (node("sqlite").DatabaseSync)(`${dir}/way-out.sqlite`),
    "Cache API": async () => {
      const cache = await caches.open("way-out");
      await cache.put(`http://${host}/`, new Response("secret"));
    },
    "localStorage": () => localStorage.setItem("way-out", "secret"),
    "sessionStorage": () => sessionStorage.setItem("way-out", "secret"),
    "indexedDB": () => Reflect.get(globalThis, "indexedDB").open("way-out"),
  };
  // Some of Node's refuse outside of what was called.
  let refuse = (_: unknown) => {};
  const caught = (event: Event) => {
    event.preventDefault();
    refuse(Reflect.get(event, "error") ?? Reflect.get(event, "reason"));
  };
  const uncaught = ["error", "unhandledrejection"];
  for (const kind of uncaught) globalThis.addEventListener(kind, caught);
  const result: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    const { promise, reject } = Promise.withResolvers<never>();
    refuse = reject;
    const late = setTimeout(() => reject(new Error("no answer")), 3000);
    result[name] = await Promise.race([(async () => await attempt())(), promise])
      .then(() => "done", (error) => error?.code ?? error?.name ?? String(error));
    clearTimeout(late);
  }
  for (const kind of uncaught) globalThis.removeEventListener(kind, caught);
  return result;
}
