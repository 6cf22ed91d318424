import { startBaresip, type Baresip } from "../../end-to-end/baresip.ts";
import type { Partner, PhoneChoice } from "./tested-phone.ts";

/** baresip, answered by hand. */
export async function openBaresip(choice: PhoneChoice): Promise<Partner> {
  const { dn, host, server, secret, rtpPortFirst, transport } = choice;
  const place = transport === "TLS" ? `${server.host}:${server.sips}` : server.host;
  const phone = await startBaresip({
    host,
    port: 5060,
    accounts: [`sip:${dn}@${place}`],
    transport,
    ...(server.authority === undefined ? {} : { authority: server.authority }),
    secret,
    toneHertz: 440,
    rtpPortFirst,
    answer: "manual",
  });
  const command = async (name: string, params = ""): Promise<void> =>
    void (await phone.command(0, name, params));
  const uri = (number: string): string => `sip:${number}@${place}`;
  return {
    dial: (number) => command("dial", uri(number)),
    accept: () => command("accept"),
    hangup: () => command("hangup"),
    reject: () => command("hangup"),
    hold: () => command("hold"),
    resume: () => command("resume"),
    digit: (digit) => command("sndcode", digit),
    transfer: (number) => command("transfer", uri(number)),
    transferToSecond: () => Promise.reject(new Error("baresip has no attended transfer")),
    isRinging: () => Promise.resolve(isRinging(phone)),
    hearsRinging: () => Promise.resolve(hearsRinging(phone)),
    // It says nothing, and connects when it has something to say.
    isConnected: () => Promise.resolve(true),
    registrations: () =>
      Promise.resolve(phone.events().filter(({ type }) => type === "REGISTER_OK").length),
    heardPackets: () => phone.heardPackets(),
    refusal: () => Promise.resolve(refusalOf(phone)),
    heardDigits: () => Promise.resolve(digitsOf(phone)),
    async clear() {
      await phone.command(0, "hangupall").catch(() => phone.command(0, "hangup").catch(() => ""));
      phone.forget();
    },
    stop: phone.stop,
  };
}

/** Its last event about an incoming call is that it came. */
function isRinging(phone: Baresip): boolean {
  const calls = phone.events().filter(({ type }) => type.startsWith("CALL_"));
  const last = calls.findLast(({ type }) =>
    ["CALL_INCOMING", "CALL_ESTABLISHED", "CALL_CLOSED"].includes(type),
  );
  return last?.type === "CALL_INCOMING";
}

function hearsRinging(phone: Baresip): boolean {
  const calls = phone.events().filter(({ type }) => type.startsWith("CALL_"));
  const last = calls.findLast(({ type }) =>
    ["CALL_RINGING", "CALL_ESTABLISHED", "CALL_CLOSED"].includes(type),
  );
  return last?.type === "CALL_RINGING";
}

function refusalOf(phone: Baresip): number {
  const closed = phone.events().findLast(({ type }) => type === "CALL_CLOSED");
  return Number(/^(\d{3}) /.exec(closed?.param ?? "")?.[1] ?? 0);
}

function digitsOf(phone: Baresip): string {
  const starts = phone.events().filter(({ type }) => type === "CALL_DTMF_START");
  return starts.map(({ param }) => param).join("");
}
