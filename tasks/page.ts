/**
 * `deno task page`: serves the page of apps/page, which segments scans in the browser, to this
 * machine. It is the one task with a permission for the network, and it reads no data.
 */
import { readFile } from "node:fs/promises";
import { main } from "./support/command/command.ts";

/** As in the permission that deno.json gives. */
const ADDRESS = { hostname: "127.0.0.1", port: 8765 };

const URL_OF_PAGE = `http://${ADDRESS.hostname}:${ADDRESS.port}/`;

/** All that is served: where it lies, and of what type it is. */
const FILES: Record<string, readonly [path: string, type: string]> = {
  "/": ["apps/page/index.html", "text/html"],
  "/style.css": ["apps/page/style.css", "text/css"],
  "/page.js": ["runs/page/page.js", "text/javascript"],
  "/worker.js": ["runs/page/worker.js", "text/javascript"],
};

await main({
  name: "page",
  summary:
    "Serves a page to this machine's browser, in which a model of deno task export segments\n" +
    "a scan. Model and scan stay in the browser. Ctrl-C ends it.",
  options: {},
  examples: [["", `then open ${URL_OF_PAGE}`]],
  run: async (_values, signal, voice) => {
    const answers = await readAnswers();
    const server = serve((request) => {
      // Whatever a client says its host is comes before the path.
      const url = URL.parse(request.url);
      if (!url) return new Response("Expected the name of a host.\n", { status: 400 });
      const answer = answers.get(url.pathname);
      if (!answer) return new Response("There is no such file.\n", { status: 404 });
      return new Response(answer.content, { headers: answer.headers });
    });
    signal.addEventListener("abort", () => server.shutdown());
    voice.note(`${URL_OF_PAGE} (Ctrl-C ends it)`);
    await server.finished;
    return { text: "ended", json: { url: URL_OF_PAGE } };
  },
});

/** What is served by its path. */
async function readAnswers(): Promise<
  Map<string, { content: Uint8Array<ArrayBuffer>; headers: Record<string, string> }>
> {
  const files = await Promise.all(
    Object.entries(FILES).map(async ([path, [file, type]]) => ({
      path,
      type,
      content: new Uint8Array(await readFile(file)),
    })),
  );
  const headers = headersOf(new TextDecoder().decode(files[0].content));
  return new Map(
    files.map(({ path, type, content }) => [path, {
      content,
      headers: { ...headers, "Content-Type": `${type}; charset=utf-8` },
    }]),
  );
}

/**
 * Headers of every answer: the page's own policy, which its worker is to have too, and the isolation
 * without which browsers share no memory among threads.
 */
function headersOf(html: string): Record<string, string> {
  const [, policy] = html.match(/http-equiv="Content-Security-Policy"\s+content="([^"]+)"/)!;
  return {
    "Content-Security-Policy": policy,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
  };
}

function serve(handler: (request: Request) => Response): Deno.HttpServer {
  try {
    return Deno.serve({ ...ADDRESS, onListen: () => {} }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(
      `${ADDRESS.hostname}:${ADDRESS.port}: expected a free port, found another program there; is ` +
        "this page served already?",
    );
  }
}
