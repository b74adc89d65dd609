/** The bytes of mla_engine.wasm, in base64. Made by tools/build-web. */
export declare const engine: string;
