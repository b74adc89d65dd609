// With the engine beside these modules.
import { provideEngine } from "./wasm.js";

provideEngine(() => new URL("./mla_engine.wasm", import.meta.url));
export * from "./exports.js";
