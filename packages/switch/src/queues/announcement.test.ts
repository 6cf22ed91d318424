import { tagOf } from "@tandem/sip";
import { expect, test } from "vitest";
import { createPhone, offerOf } from "../testing/phone.ts";
import { outsideCaller, queueDn, queueSite, readyAgent } from "../testing/queue-site.ts";
import { createScript, requestIn, responseIn, type Script } from "../testing/script.ts";

const media = { host: "127.0.3.40", port: 5060 };

function mediaOn(script: Script): ReturnType<typeof createPhone> {
  const phone = createPhone(script, "1004", media);
  phone.register(3_600);
  phone.heard();
  return phone;
}

test("a waiting caller hears the media DN in an early dialog of its own, then the agent", () => {
  const script = createScript(queueSite({ announcementDn: "1004" }));
  const voice = mediaOn(script);
  const caller = outsideCaller(script);
  caller.invite(queueDn);
  const invite = requestIn(voice.heard(), "INVITE");
  expect(invite.body).toContain("m=audio 4000");
  voice.respond(200, offerOf(media.host, 7_000));
  expect(requestIn(voice.heard(), "ACK").method).toBe("ACK");
  const messages = caller.heard();
  const [queued, progress] = [responseIn(messages, 182), responseIn(messages, 183)];
  expect(progress.body).toContain("m=audio 7000");
  expect(tagOf(progress, "to")).not.toBe(tagOf(queued, "to"));
  const agent = readyAgent(script, "1001");
  agent.phone.heard();
  agent.phone.respond(180);
  expect(voice.heard()).toEqual([]);
  agent.phone.respond(200, offerOf("127.0.3.1", 5_000));
  voice.reply(requestIn(voice.heard(), "BYE"), 200);
  const accepted = responseIn(caller.heard(), 200);
  expect(accepted.body).toContain("m=audio 5000");
  expect(tagOf(accepted, "to")).toBe(tagOf(queued, "to"));
  caller.answered(accepted);
  caller.ack();
  caller.request("BYE");
  agent.phone.reply(requestIn(agent.phone.heard(), "BYE"), 200);
  script.pass(40_000);
  expect([script.state.calls.size, script.state.dialogs.size]).toEqual([0, 0]);
});

test("with an agent available nobody hears it; with the media DN gone the caller just waits", () => {
  const script = createScript(queueSite({ announcementDn: "1004" }));
  const voice = mediaOn(script);
  const agent = readyAgent(script, "1001");
  const first = outsideCaller(script);
  first.invite(queueDn);
  expect(voice.heard()).toEqual([]);
  agent.phone.heard();
  agent.phone.respond(486);
  requestIn(voice.heard(), "INVITE");
  voice.respond(503);
  expect([...script.state.calls.values()].map(({ announcement }) => announcement)).toEqual([null]);
  expect(script.state.queues.waiting.get(queueDn)?.length).toBe(1);
});

test("the media DN hangs up, or the caller does: each leaves nothing behind", () => {
  const script = createScript(queueSite({ announcementDn: "1004" }));
  const voice = mediaOn(script);
  const caller = outsideCaller(script);
  caller.invite(queueDn);
  voice.heard();
  voice.respond(200, offerOf(media.host, 7_000));
  voice.heard();
  voice.request("BYE");
  responseIn(voice.heard(), 200);
  expect(script.state.queues.waiting.get(queueDn)?.length).toBe(1);
  caller.cancel();
  const other = mediaOn(script);
  const second = outsideCaller(script);
  second.invite(queueDn);
  other.heard();
  other.respond(183, offerOf(media.host, 7_000));
  second.cancel();
  other.reply(requestIn(other.heard(), "CANCEL"), 200);
  other.respond(487);
  script.pass(40_000);
  expect([script.state.calls.size, script.state.dialogs.size]).toEqual([0, 0]);
});
