import fc from "fast-check";
import { parse } from "sdp-transform";
import { describe, expect, test } from "vitest";
import { directionOf, sdpView } from "./sdp-view.ts";

const lines = [
  "v=0",
  "o=- 18446744073709551615 2 IN IP4 10.0.0.1",
  "s=-",
  "c=IN IP4 10.0.0.9/127",
  "t=0 0",
  "a=sendonly",
  "m=audio 49170/2 RTP/AVP 0 8 101",
  "a=rtpmap:0 PCMU/8000",
  "m=video 0 RTP/AVP 31",
  "c=IN IP6 2001:db8::1",
  "a=inactive",
];

test("RFC8866-5 what call control wants to know", () => {
  expect(sdpView(`${lines.join("\r\n")}\r\n`)).toEqual({
    originSessionId: "18446744073709551615",
    originVersion: "2",
    address: "10.0.0.9",
    media: [
      {
        type: "audio",
        port: 49_170,
        address: "10.0.0.9",
        direction: "sendonly",
        protocol: "RTP/AVP",
        payloads: ["0", "8", "101"],
      },
      {
        type: "video",
        port: 0,
        address: "2001:db8::1",
        direction: "inactive",
        protocol: "RTP/AVP",
        payloads: ["31"],
      },
    ],
  });
  expect(sdpView(lines.join("\n"))).toEqual(sdpView(lines.join("\r\n")));
});

describe("RFC3264-8.4 directions", () => {
  const base = ["v=0", "o=- 1 1 IN IP4 a", "s=-", "c=IN IP4 10.0.0.1", "t=0 0"];
  test.each([
    [["m=audio 1 RTP/AVP 0"], "sendrecv"],
    [["m=audio 1 RTP/AVP 0", "a=recvonly"], "recvonly"],
    [["a=inactive", "m=audio 1 RTP/AVP 0", "a=sendrecv"], "sendrecv"],
    [["m=audio 0 RTP/AVP 0", "a=sendonly", "m=audio 3 RTP/AVP 0"], "sendrecv"],
    [["m=audio 0 RTP/AVP 0"], "inactive"],
    [["m=audio 1 RTP/AVP 0", "c=IN IP4 0.0.0.0"], "inactive"],
    [[], "inactive"],
  ])("%j", (more, direction) => {
    expect(directionOf([...base, ...more].join("\r\n"))).toBe(direction);
  });
});

test.each([
  "",
  "v=1\r\no=- 1 1 IN IP4 a\r\n",
  "v=0\r\n",
  "v=0\r\no=- 1 1\r\n",
  "v=0\r\no=- 1 1 IN IP4 a\r\nm=audio x RTP/AVP 0\r\n",
  "v=0\r\no=- 1 1 IN IP4 a\r\nm=audio 70000 RTP/AVP 0\r\n",
  `v=0\r\no=- 1 1 IN IP4 a\r\n${"m=audio 1 RTP/AVP 0\r\n".repeat(40)}`,
])("%j is none", (text) => {
  expect(sdpView(text)).toBeUndefined();
});

test("sdp-transform sees the same media", () => {
  const medium = fc.tuple(
    fc.constantFrom("audio", "video", "application"),
    fc.integer({ min: 0, max: 65_535 }),
    fc.array(fc.integer({ min: 0, max: 127 }), { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", "a=sendonly", "a=recvonly", "a=inactive", "a=sendrecv"),
  );
  fc.assert(
    fc.property(fc.array(medium, { maxLength: 4 }), (media) => {
      const text = [
        ...lines.slice(0, 3),
        ...media.flatMap(([type, port, payloads, direction]) => [
          `m=${type} ${port} RTP/AVP ${payloads.join(" ")}`,
          ...(direction === "" ? [] : [direction]),
        ]),
      ].join("\r\n");
      const theirs = parse(text).media.map((section) => [
        section.type,
        section.port,
        String(section.payloads),
        section.direction ?? "sendrecv",
      ]);
      const ours = sdpView(text)?.media.map((section) => [
        section.type,
        section.port,
        section.payloads.join(" "),
        section.direction,
      ]);
      expect(ours).toEqual(theirs);
    }),
  );
});
