/** Calls back when the present task is over and others have had their turn. Not slowed down in hidden pages, as timers are. */
export const nextTask: (f: () => void) => void = (() => {
  const immediate = (globalThis as { setImmediate?: (f: () => void) => void }).setImmediate;
  if (immediate) return immediate; // Node, where a message port would keep the process alive
  const waiting: (() => void)[] = [];
  const channel = new MessageChannel();
  channel.port1.onmessage = () => waiting.shift()?.();
  return (f: () => void) => {
    waiting.push(f);
    channel.port2.postMessage(null);
  };
})();
