// One WebSocket as a link of the engine. Knows no contracts.

/** How much may wait in the socket before the engine must hold back; the engine keeps the newest states meanwhile. */
const maxUnsent = 256 * 1024;
/** How often to look whether the socket has sent what waits: it does not say by itself. */
const lookAgainMs = 20;

export class SocketLink {
  #socket;
  #handlers;
  #waiting = null;

  /** @param handlers { open(bytesFree), message(Uint8Array), writable(bytesFree), down(code) }; none after down */
  constructor(Socket, url, handlers) {
    this.#handlers = handlers;
    const socket = (this.#socket = new Socket(url, "mla.v1"));
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => this.#handlers?.open(maxUnsent));
    socket.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) this.#handlers?.message(new Uint8Array(data));
      else this.close(1003);
    });
    socket.addEventListener("error", () => {}); // a close follows
    socket.addEventListener("close", ({ code }) => this.#down(code));
  }

  send(bytes) {
    if (this.#socket.readyState !== 1) return;
    this.#socket.send(bytes);
    this.#waiting ??= setTimeout(() => this.#look(), 0);
  }

  /** The engine has forgotten the link: nothing is told of it any more. */
  close(code = 1000) {
    this.#forget();
    this.#socket.close(code);
  }

  #look() {
    const unsent = this.#socket.bufferedAmount;
    this.#waiting = unsent > 0 && this.#handlers ? setTimeout(() => this.#look(), lookAgainMs) : null;
    this.#handlers?.writable(Math.max(0, maxUnsent - unsent));
  }
  #down(code) {
    const handlers = this.#handlers;
    this.#forget();
    handlers?.down(code);
  }
  #forget() {
    this.#handlers = null;
    clearTimeout(this.#waiting);
    this.#waiting = null;
  }
}
