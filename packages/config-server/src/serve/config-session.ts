/**
 * One client of ConfigLib: who it is, what it subscribed to, and the answer to each request.
 * Requests of a client are answered in their order; a login that is being checked holds the later
 * ones back.
 */
import {
  type ConfigEvent,
  type ConfigObjectType,
  type ConfigRequest,
  type EventError,
  type RequestLogin,
  type RequestSubscribe,
  errorSentence,
  objectKeyOf,
} from "@tandem/cti";
import { unreachable } from "@tandem/kernel";
import { type Configuration, shownTo } from "../configuration.ts";
import {
  type Claims,
  type LoginContext,
  type LoginRefusal,
  checkLogin,
  loginObjects,
  sitesFor,
} from "../login/login.ts";
import type { TokenSigner } from "../login/token-keys.ts";
import { answerRead, mayRead } from "./answer-read.ts";
import type { ChangeEvent, ChangeLog } from "./change-log.ts";

export interface ConfigSession {
  /** Refused where the client has more requests waiting than it may have. */
  readonly receive: (request: ConfigRequest) => void;
  readonly tell: (event: ChangeEvent) => void;
  readonly isLoggedIn: () => boolean;
}

/** What a session sees of its server, as it is at the moment of each request. */
export interface SessionServer {
  readonly configuration: () => Configuration;
  readonly changes: ChangeLog;
  readonly signer: TokenSigner;
  readonly loginContext: (source: string) => LoginContext;
  readonly noticed: (outcome: string, request: RequestLogin, source: string) => void;
}

const requestsWaitingMax = 100;

export function createConfigSession(
  server: SessionServer,
  source: string,
  send: (event: ConfigEvent) => void,
): ConfigSession {
  let claims: Claims | undefined;
  let types: readonly ConfigObjectType[] | "all" | "none" = "none";
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  const refuse = (referenceID: number, refusal: LoginRefusal): void => {
    const { errorCode, field, retryAfterMs } = refusal;
    send({
      event: "EventError",
      referenceID,
      errorCode,
      errorMessage: errorSentence(errorCode),
      ...(field === undefined ? {} : { field }),
      ...(retryAfterMs === undefined ? {} : { retryAfter: retryAfterMs }),
    } satisfies EventError);
  };
  const show = (event: ChangeEvent): void => {
    if (claims === undefined || types === "none") return;
    if (types !== "all" && !types.includes(event.type)) return;
    const key = objectKeyOf(event.type, event.object as never); // the type beside it
    if (!mayRead(claims, event.type, key)) return;
    const object = shownTo(claims.role, event.object);
    send({ ...event, object } as ChangeEvent); // the same object without secrets
  };
  const subscribe = (request: RequestSubscribe): void => {
    const { referenceID, revision } = request;
    const missed = revision === undefined ? [] : server.changes.since(revision);
    if (missed === undefined) return refuse(referenceID, { errorCode: "revision-too-old" });
    types = request.types ?? "all";
    send({ event: "EventSubscribed", referenceID, revision: server.changes.revision() });
    for (const event of missed) show(event);
  };
  const logIn = async (request: RequestLogin): Promise<void> => {
    const { referenceID } = request;
    const checked = await checkLogin(request, server.loginContext(source));
    server.noticed(checked.ok ? "accepted" : checked.failure.errorCode, request, source);
    if (!checked.ok) return refuse(referenceID, checked.failure);
    claims = checked.value;
    const configuration = server.configuration();
    send({
      event: "EventLogin",
      referenceID,
      token: await server.signer.sign(claims),
      expires: claims.exp * 1000,
      sites: sitesFor(configuration, claims),
      objects: loginObjects(configuration, claims),
      revision: server.changes.revision(),
    });
  };
  const answer = async (request: ConfigRequest): Promise<void> => {
    if (request.request === "RequestLogin") return logIn(request);
    const { referenceID } = request;
    if (claims === undefined) {
      return refuse(referenceID, { errorCode: "not-logged-in-configuration" });
    }
    if (claims.exp * 1000 <= server.loginContext(source).nowMs) {
      return refuse(referenceID, { errorCode: "token-expired" });
    }
    switch (request.request) {
      case "RequestReadObjects":
        return send(answerRead(request, server.configuration(), claims, server.changes.revision()));
      case "RequestSubscribe":
        return subscribe(request);
      default:
        return unreachable(request);
    }
  };
  return {
    receive(request) {
      if (waiting >= requestsWaitingMax) {
        return refuse(request.referenceID, { errorCode: "too-many-requests", retryAfterMs: 1_000 });
      }
      waiting += 1;
      last = last
        .then(() => answer(request))
        .finally(() => {
          waiting -= 1;
        });
    },
    tell: show,
    isLoggedIn: () => claims !== undefined,
  };
}
