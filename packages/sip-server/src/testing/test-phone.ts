import {
  buildAuthorization,
  buildRequest,
  buildResponse,
  callIdOf,
  cseqOf,
  headerOf,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import { digestHash } from "../signalling/screen.ts";
import type { SipClient } from "./sip-client.ts";

/** What a phone does with a client: registers, calls, answers. Every message can be bent. */
export interface TestPhone {
  readonly user: string;
  readonly client: SipClient;
  readonly contact: string;
  readonly request: (choice: RequestChoice) => string;
  /** Sends it, and again with credentials when challenged; the final response. */
  readonly ask: (choice: RequestChoice) => Promise<SipResponse>;
  readonly register: (more?: Partial<RequestChoice>) => Promise<SipResponse>;
  /** Credentials for the challenge of a response, as a header. */
  readonly credentials: (
    challenged: SipResponse,
    method: string,
    uri: string,
    nc?: number,
  ) => readonly [string, string];
}

export interface RequestChoice {
  readonly method: string;
  readonly uri?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly branch?: string;
  readonly from?: string;
  readonly to?: string;
  readonly contact?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

export const testSdp = `v=0\r
o=- 1 1 IN IP4 127.0.0.1\r
s=-\r
c=IN IP4 127.0.0.1\r
t=0 0\r
m=audio 40000 RTP/AVP 0\r
`;

let count = 0;

export function createTestPhone(
  client: SipClient,
  user: string,
  password: string,
  domain: string,
): TestPhone {
  const isWeb = client.transport === "WS" || client.transport === "WSS";
  const host = client.host.includes(":") ? `[${client.host}]` : client.host;
  const place = isWeb ? `${user}.invalid` : `${host}:${client.port}`;
  const over = client.transport === "UDP" ? "" : `;transport=${isWeb ? "ws" : client.transport}`;
  const contact = `sip:${user}@${place}${over.toLowerCase()}`;
  let cseq = 0;

  function request(choice: RequestChoice): string {
    count += 1;
    cseq = choice.cseq ?? cseq + 1;
    const { method, body = "" } = choice;
    const branch = choice.branch ?? `z9hG4bK-${count}-${user}`;
    return buildRequest({
      method,
      uri: choice.uri ?? `sip:${domain}`,
      headers: [
        ["Via", `SIP/2.0/${client.transport} ${place};branch=${branch};rport`],
        ["Max-Forwards", "70"],
        ["From", choice.from ?? `<sip:${user}@${domain}>;tag=${user}-${count}`],
        ["To", choice.to ?? `<sip:${user}@${domain}>`],
        ["Call-ID", choice.callId ?? `${user}-${count}@${place}`],
        ["CSeq", `${cseq} ${method}`],
        ["Contact", choice.contact ?? `<${contact}>`],
        ...(choice.headers ?? []),
        ...(body === "" ? [] : ([["Content-Type", "application/sdp"]] as const)),
      ],
      ...(body === "" ? {} : { body }),
    });
  }

  function credentials(challenged: SipResponse, method: string, uri: string, nc = 1) {
    const isRegistrar = challenged.status === 401;
    const value = headerOf(challenged, isRegistrar ? "www-authenticate" : "proxy-authenticate");
    const made = buildAuthorization(digestHash, value ?? "", {
      ...{ user, password, method, uri, cnonce: "cnonce", nc },
    });
    return [isRegistrar ? "Authorization" : "Proxy-Authorization", made] as const;
  }

  async function ask(choice: RequestChoice): Promise<SipResponse> {
    count += 1;
    const callId = choice.callId ?? `${user}-${count}@${place}`;
    const from = choice.from ?? `<sip:${user}@${domain}>;tag=${user}-${count}`;
    const same = { ...choice, callId, from };
    const first = request(same);
    client.say(first);
    const response = await client.takeResponse(choice.method);
    if (response.status !== 401 && response.status !== 407) return response;
    if (choice.method === "INVITE") client.say(ackFor(first, response));
    const uri = choice.uri ?? `sip:${domain}`;
    const header = credentials(response, choice.method, uri);
    const again = request({
      ...same,
      cseq: cseq + 1,
      headers: [...(choice.headers ?? []), header],
    });
    client.say(again);
    const final = await client.takeResponse(choice.method);
    if (choice.method === "INVITE" && final.status >= 300) client.say(ackFor(again, final));
    return final;
  }

  return {
    user,
    client,
    contact,
    request,
    ask,
    credentials,
    register: (more = {}) => ask({ method: "REGISTER", headers: [["Expires", "600"]], ...more }),
  };
}

/** The ACK of a final response above 299 (RFC 3261 §17.1.1.3). */
export function ackFor(invite: string, response: SipResponse): string {
  const lines = invite.slice(0, invite.indexOf("\r\n\r\n")).split("\r\n");
  const kept = lines.filter((line) => /^(Via|From|Call-ID|Max-Forwards):/i.test(line));
  const start = (lines[0] ?? "").replace("INVITE", "ACK");
  const cseq = `CSeq: ${cseqOf(response)?.number ?? 1} ACK`;
  const to = `To: ${headerOf(response, "to") ?? ""}`;
  return `${[start, ...kept, to, cseq, "Content-Length: 0"].join("\r\n")}\r\n\r\n`;
}

/** Answers a request as whoever is called. */
export function answerOf(phone: TestPhone, request: SipRequest, status: number, body = ""): string {
  return buildResponse(request, status, {
    toTag: `to-${phone.user}`,
    headers: [["Contact", `<${phone.contact}>`]],
    body,
  });
}

function mustBeTaken(response: SipResponse): SipResponse {
  if (response.status !== 200) throw new Error(`got ${response.status} ${response.reason}`);
  return response;
}

/** One call from phone to phone, answered, acknowledged and ended; throws where it does not. */
export async function callOnce(
  caller: TestPhone,
  callee: TestPhone,
  domain: string,
): Promise<void> {
  const uri = `sip:${callee.user}@${domain}`;
  const answering = callee.client.takeRequest("INVITE").then((invite) => {
    callee.client.say(answerOf(callee, invite, 200, testSdp));
  });
  const asking = caller.ask({ method: "INVITE", uri, to: `<${uri}>`, body: testSdp });
  const [answered] = await Promise.all([asking.then(mustBeTaken), answering]);
  const inDialog = {
    uri: /<([^>]+)>/.exec(headerOf(answered, "contact") ?? "")?.[1] ?? uri,
    callId: callIdOf(answered),
    from: headerOf(answered, "from") ?? "",
    to: headerOf(answered, "to") ?? "",
  };
  const number = cseqOf(answered)?.number ?? 1;
  caller.client.say(caller.request({ method: "ACK", ...inDialog, cseq: number }));
  const ending = callee.client.takeRequest("BYE").then((bye) => {
    callee.client.say(answerOf(callee, bye, 200));
  });
  caller.client.say(caller.request({ method: "BYE", ...inDialog, cseq: number + 1 }));
  await Promise.all([caller.client.takeResponse("BYE").then(mustBeTaken), ending]);
}
