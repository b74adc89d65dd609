// With the engine inside, for those who cannot serve it as a file.
import { engine } from "./mla_engine_text.js";
import { provideEngine } from "./wasm.js";

provideEngine(() => Uint8Array.from(atob(engine), (c) => c.charCodeAt(0)));
export * from "./exports.js";
