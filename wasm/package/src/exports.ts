export type {
  Contract, EndEvent, ExposeOptions, ObserveOptions, Sinks, StandingEvent, StateEvent, States, Stream, Streams,
} from "./contract.js";
export type { Status } from "./core.js";
export type { Descriptor, Json, ObjectDescriptor, TagDescriptor } from "./descriptor.js";
export type { StandingKind } from "./engine.js";
export { MlaError } from "./error.js";
export { type ConnectOptions, Exchange, StatusEvent } from "./exchange.js";
export type { SendOptions, Sink } from "./sink.js";
export type { State } from "./state.js";
export type { WasmSource } from "./wasm.js";
