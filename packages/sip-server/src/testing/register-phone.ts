import { createSocket } from "node:dgram";
import { once } from "node:events";
import { buildAuthorization, buildRequest, headerOf, parseMessage } from "@tandem/sip";
import { digestHash } from "../signalling/screen.ts";

/** REGISTER over UDP with digest, twice as it takes; rejects when it is not let in. */
export async function registerPhone(choice: {
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly server: { readonly host: string; readonly port: number };
}): Promise<void> {
  const { user, password, from, server } = choice;
  const socket = createSocket("udp4");
  socket.bind(0, from);
  await once(socket, "listening");
  const uri = `sip:${server.host}`;
  const { port } = socket.address();
  async function ask(cseq: number, more: readonly (readonly [string, string])[]) {
    const heard = once(socket, "message");
    const request = buildRequest({
      method: "REGISTER",
      uri,
      headers: [
        ["Via", `SIP/2.0/UDP ${from}:${port};branch=z9hG4bK${user}${cseq}`],
        ["Max-Forwards", "70"],
        ["From", `<sip:${user}@${server.host}>;tag=phone`],
        ["To", `<sip:${user}@${server.host}>`],
        ["Call-ID", `register-${user}`],
        ["CSeq", `${cseq} REGISTER`],
        ["Contact", `<sip:${user}@${from}:${port}>`],
        ["Expires", "600"],
        ...more,
      ],
    });
    socket.send(request, server.port, server.host);
    const [bytes] = (await heard) as [Buffer]; // a datagram
    const parsed = parseMessage(bytes.toString("latin1"));
    if (!parsed.ok || parsed.value.kind !== "response") throw new Error("no response");
    return parsed.value;
  }
  const challenge = headerOf(await ask(1, []), "www-authenticate") ?? "";
  const authorization = buildAuthorization(digestHash, challenge, {
    user,
    password,
    method: "REGISTER",
    uri,
    cnonce: "c",
    nc: 1,
  });
  const { status } = await ask(2, [["Authorization", authorization]]);
  socket.close();
  if (status !== 200) throw new Error(`REGISTER of ${user} got ${status}`);
}
