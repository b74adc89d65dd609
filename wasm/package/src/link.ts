// One WebSocket as a link of the engine. Knows no contracts.

/** How much may wait in the socket before the engine must hold back; it keeps the newest states meanwhile. */
const maxUnsent = 256 * 1024;
/** How often to look whether the socket has sent what waits: it does not say by itself. */
const lookAgainMs = 20;

/** What is used of a WebSocket; Node's `ws` has it too. */
export interface Socket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: never) => void): void;
}
export type SocketClass = new (url: string, protocol: string) => Socket;

/** None is called after down. */
export interface LinkHandlers {
  open(bytesFree: number): void;
  message(bytes: Uint8Array): void;
  writable(bytesFree: number): void;
  down(code: number, reason: string): void;
}

export class SocketLink {
  readonly #socket: Socket;
  #handlers: LinkHandlers | null;
  #waiting: ReturnType<typeof setTimeout> | null = null;

  constructor(Class: SocketClass, url: string, handlers: LinkHandlers) {
    this.#handlers = handlers;
    const socket = (this.#socket = new Class(url, "mla.v1"));
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => this.#handlers?.open(maxUnsent));
    socket.addEventListener("message", ({ data }: MessageEvent) => {
      if (data instanceof ArrayBuffer) this.#handlers?.message(new Uint8Array(data));
      else this.close(1003);
    });
    socket.addEventListener("error", () => {}); // a close follows
    socket.addEventListener("close", ({ code, reason }: CloseEvent) => this.#down(code, reason));
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState !== 1) return;
    this.#socket.send(bytes);
    this.#waiting ??= setTimeout(() => this.#look(), 0);
  }

  /** Nothing is told of it any more. */
  close(code = 1000): void {
    this.#forget();
    this.#socket.close(code);
  }

  #look(): void {
    const unsent = this.#socket.bufferedAmount;
    this.#waiting = unsent > 0 && this.#handlers ? setTimeout(() => this.#look(), lookAgainMs) : null;
    this.#handlers?.writable(Math.max(0, maxUnsent - unsent));
  }
  #down(code: number, reason: string): void {
    const handlers = this.#handlers;
    this.#forget();
    handlers?.down(code, reason);
  }
  #forget(): void {
    this.#handlers = null;
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#waiting = null;
  }
}
