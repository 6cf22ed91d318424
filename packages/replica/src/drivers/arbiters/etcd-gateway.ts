import { Agent as PlainAgent, type IncomingMessage, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { isObject, parseObject, type PlainObject } from "./view-text.ts";

/**
 * etcd's JSON gateway (`/v3/kv/txn` …) over Node's own HTTP, connections kept: each call asks the
 * members in turn, the one that answered last first, until one answers or the time is over. A call
 * may so be carried out twice: callers ask only what may be (a compare-and-set, a read).
 */
export interface EtcdTls {
  /** PEM. None: the system's authorities. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface EtcdGatewayOptions {
  /** `http://192.0.2.1:2379`, of all members. */
  readonly endpoints: readonly string[];
  readonly tls?: EtcdTls;
}

export type EtcdAnswer =
  | { readonly kind: "said"; readonly value: PlainObject }
  /** The member refused, with gRPC's code and its own words. */
  | { readonly kind: "refused"; readonly code: number; readonly say: string }
  | { readonly kind: "none"; readonly say: string };

export interface EtcdGateway {
  readonly call: (path: string, body: object, endsAtMs: number) => Promise<EtcdAnswer>;
  readonly close: () => void;
}

const connectionsMax = 8;
const answerBytesMax = 262_144;
/** However little time is left for the others, a member gets this much of it. */
const shareMinMs = 50;
/** gRPC's codes that another member would answer alike: the request itself is at fault. */
const finalCodes: ReadonlySet<number> = new Set([3, 5, 7, 9, 12, 16]);

export function openEtcdGateway({ endpoints, tls = {} }: EtcdGatewayOptions): EtcdGateway {
  const shared = { keepAlive: true, maxSockets: connectionsMax };
  const plain = new PlainAgent(shared);
  const secure = new TlsAgent({ ...shared, ...tls });
  const members = endpoints.map((endpoint) => new URL(endpoint));
  let preferred = 0;
  const post = (member: URL, path: string, text: string, withinMs: number): Promise<EtcdAnswer> =>
    new Promise((resolve) => {
      const isTls = member.protocol === "https:";
      const options = {
        method: "POST",
        agent: isTls ? secure : plain,
        signal: AbortSignal.timeout(Math.max(1, Math.round(withinMs))),
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
      };
      const request = (isTls ? tlsRequest : plainRequest)(new URL(path, member), options);
      const onError = (error: Error): void =>
        resolve({ kind: "none", say: `${member.host}: ${error.message}` });
      request.on("error", onError);
      request.on("response", (response) => {
        response.on("error", onError);
        readAnswer(response, (answer) => resolve(answer));
      });
      request.end(text);
    });
  return {
    async call(path, body, endsAtMs) {
      const text = JSON.stringify(body);
      const first = preferred;
      let last: EtcdAnswer = { kind: "none", say: "there was no time to ask" };
      for (let turn = 0; turn < members.length; turn += 1) {
        const index = (first + turn) % members.length;
        const member = members[index];
        const leftMs = endsAtMs - performance.now();
        if (member === undefined || leftMs <= 0) break;
        const shareMs = Math.max(shareMinMs, leftMs / (members.length - turn));
        last = await post(member, path, text, Math.min(leftMs, shareMs));
        const isFinal = last.kind === "refused" && finalCodes.has(last.code);
        if (last.kind === "said" || isFinal) {
          preferred = index;
          return last;
        }
      }
      // The member that was asked first did not answer: the next question begins with another.
      preferred = (first + 1) % members.length;
      return last;
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

function readAnswer(response: IncomingMessage, settle: (answer: EtcdAnswer) => void): void {
  const pieces: Buffer[] = [];
  let size = 0;
  response.on("data", (piece: Buffer) => {
    size += piece.length;
    if (size > answerBytesMax) response.destroy(new Error("the answer is too long"));
    else pieces.push(piece);
  });
  response.on("end", () => {
    settle(answerOf(response.statusCode ?? 0, Buffer.concat(pieces).toString("utf8")));
  });
}

function answerOf(status: number, text: string): EtcdAnswer {
  // A stream's answer is one object a line; we ask streams for one answer only.
  const value = parseObject(text.trim().split("\n", 1)[0] ?? "");
  if (value === null) return { kind: "none", say: `no JSON, HTTP ${status}` };
  const error = isObject(value["error"]) ? value["error"] : value;
  const { code, message } = error;
  if (typeof code === "number" || status !== 200) {
    const say = typeof message === "string" ? message : `HTTP ${status}`;
    return { kind: "refused", code: typeof code === "number" ? code : 2, say };
  }
  return { kind: "said", value };
}
