import { once } from "node:events";
import { WebSocket } from "ws";

/**
 * A client in a test, at the level of frames: says exactly what it is told and keeps all it hears.
 * Waits have no limit of their own but the test's.
 */
export interface TlibClient {
  /** Everything heard, oldest first. */
  readonly heard: readonly TlibMessage[];
  readonly say: (message: TlibMessage | string) => void;
  readonly until: (fits: (message: TlibMessage) => boolean) => Promise<TlibMessage>;
  readonly answer: (referenceID: number) => Promise<TlibMessage>;
  /** RegisterClient and its answer. */
  readonly register: (token: string, more?: TlibMessage) => Promise<TlibMessage>;
  /** The position of the last event heard. */
  readonly position: () => number;
  /** Reads nothing from now on, or again: the socket stays open. */
  readonly setReading: (isReading: boolean) => void;
  /** Gone without a word, as when a cable is pulled. */
  readonly drop: () => Promise<void>;
  readonly closed: Promise<number>;
  /** Called with each message, in the moment it arrives. */
  readonly onMessage: (listener: (message: TlibMessage) => void) => void;
}

export type TlibMessage = Readonly<Record<string, unknown>>;

export async function connectTlib(url: string): Promise<TlibClient> {
  const socket = new WebSocket(url, "tandem.tlib.1");
  const heard: TlibMessage[] = [];
  const listeners: ((message: TlibMessage) => void)[] = [];
  let wake = (): void => undefined;
  socket.on("error", () => undefined); // its end is what `closed` says
  socket.on("message", (bytes: Buffer) => {
    const message = JSON.parse(bytes.toString("utf8")) as TlibMessage; // the server's own frame
    heard.push(message);
    for (const listener of listeners) listener(message);
    wake();
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await once(socket, "open");
  const until = async (fits: (message: TlibMessage) => boolean): Promise<TlibMessage> => {
    for (;;) {
      const found = heard.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const say = (message: TlibMessage | string): void =>
    socket.send(typeof message === "string" ? message : JSON.stringify(message));
  const answer = (referenceID: number): Promise<TlibMessage> =>
    until((message) => message["referenceID"] === referenceID);
  return {
    heard,
    onMessage: (listener) => void listeners.push(listener),
    say,
    until,
    answer,
    async register(token, more = {}) {
      say({
        request: "RequestRegisterClient",
        referenceID: 1,
        token,
        applicationName: "d",
        ...more,
      });
      return answer(1);
    },
    position: () =>
      heard.reduce((last, { eventSequenceNumber: at }) => Math.max(last, Number(at ?? 0)), 0),
    setReading: (isReading) => (isReading ? socket.resume() : socket.pause()),
    async drop() {
      socket.terminate();
      await closed;
    },
    closed,
  };
}
