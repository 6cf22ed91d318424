/**
 * SIPp scenarios of the benches, as text: a caller and a callee of a call without talk time, and a
 * phone that registers with digest. What they count is what SIPp counts.
 */
const sdp = `v=0
o=bench 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=sendrecv
`;

function scenario(name: string, ...steps: string[]): string {
  const body = steps.join("\n");
  const head = `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="${name}">`;
  return `${head}\n${body}\n</scenario>\n`;
}

function send(message: string, attributes = ""): string {
  return `<send${attributes}><![CDATA[\n\n${message}\n]]></send>`;
}

const repeated = ' retrans="500"';

function callerRequest(
  method: string,
  uri: string,
  to: string,
  cseq: string,
  more: string,
): string {
  return `${method} ${uri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
Max-Forwards: 70
From: "Bench" <sip:bench@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>${to}
Call-ID: [call_id]
CSeq: ${cseq}
Contact: <sip:bench@[local_ip]:[local_port]>
${more}`;
}

const noBody = "Content-Length: 0\n";
const withSdp = `Content-Type: application/sdp\nContent-Length: [len]\n\n${sdp}`;

export const callerScenario: string = scenario(
  "caller",
  send(
    callerRequest(
      "INVITE",
      "sip:[service]@[remote_ip]:[remote_port]",
      "",
      "1 INVITE",
      withSdp,
    ).replace("[routes]\n", ""),
    repeated,
  ),
  '<recv response="100" optional="true"></recv>',
  '<recv response="180" optional="true"></recv>',
  '<recv response="200" rrs="true"></recv>',
  send(callerRequest("ACK", "[next_url]", "[peer_tag_param]", "1 ACK", noBody)),
  send(callerRequest("BYE", "[next_url]", "[peer_tag_param]", "2 BYE", noBody), repeated),
  '<recv response="200"></recv>',
);

function calleeResponse(line: string, more: string): string {
  return `SIP/2.0 ${line}
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:];tag=[pid]s[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
${more}`;
}

export const calleeScenario: string = scenario(
  "callee",
  '<recv request="INVITE"></recv>',
  send(calleeResponse("180 Ringing", noBody)),
  send(calleeResponse("200 OK", withSdp), repeated),
  '<recv request="ACK" optional="true"></recv>',
  '<recv request="BYE"></recv>',
  send(
    `SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
${noBody}`,
  ),
  '<timewait milliseconds="4000"/>',
);

function register(cseq: number, more: string): string {
  return `REGISTER sip:[remote_ip] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:[field0]@[remote_ip]>;tag=[pid]r[call_number]
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: ${cseq} REGISTER
Contact: <sip:[field0]@[local_ip]:[local_port]>
Expires: 3600
${more}Content-Length: 0
`;
}

export const registerScenario: string = scenario(
  "register",
  send(register(1, ""), repeated),
  '<recv response="401" auth="true"></recv>',
  send(register(2, "[field1]\n"), repeated),
  '<recv response="200"></recv>',
);

/** SIPp's table of users, taken in turn. */
export function usersFile(users: readonly string[], secret: string): string {
  const rows = users.map((user) => `${user};[authentication username=${user} password=${secret}]`);
  return `SEQUENTIAL\n${rows.join("\n")}\n`;
}
