/** The module that `initWasm` of resvg takes. */
declare const resvg: WebAssembly.Module;
export default resvg;
