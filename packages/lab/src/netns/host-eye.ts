/**
 * Run on a host of a scene, where no cut of its cable reaches: says what its node says of itself,
 * and how many datagrams have left the host. SIP is all that a node says by UDP, so what a node
 * sends to phones is counted there. A line of JSON at each change.
 */
import { readFileSync } from "node:fs";
import { get } from "node:http";
import type { Sight } from "./host-sights.ts";

const [, , url = ""] = process.argv;
const lookEveryMs = 20;
const askEveryMs = 50;
const patienceMs = 500;

let last = "";
let facts: Omit<Sight, "atMs" | "sent"> = {
  role: "silent",
  epoch: 0,
  address: "",
  isReady: false,
  pid: 0,
};

function look(): void {
  const seen = { sent: sentDatagrams(), ...facts };
  const text = JSON.stringify(seen);
  if (text === last) return;
  last = text;
  process.stdout.write(`${JSON.stringify({ atMs: nowMs(), ...seen })}\n`);
}

/** By the clock that all processes of a machine share. */
function nowMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

function sentDatagrams(): number {
  const lines = readFileSync("/proc/net/snmp", "utf8").split("\n");
  const [names = [], values = []] = lines
    .filter((line) => line.startsWith("Udp: "))
    .map((line) => line.split(" "));
  return Number(values[names.indexOf("OutDatagrams")] ?? 0);
}

function ask(): void {
  const again = (): void => void setTimeout(ask, askEveryMs);
  const request = get(url, { timeout: patienceMs, agent: false }, (response) => {
    let text = "";
    response.on("data", (bytes: Buffer) => (text += bytes.toString("utf8")));
    response.on("end", () => {
      facts = factsIn(text);
      again();
    });
  });
  request.on("timeout", () => request.destroy(new Error("it says nothing")));
  request.on("error", () => {
    facts = { ...facts, role: "silent", isReady: false };
    again();
  });
}

function factsIn(text: string): Omit<Sight, "atMs" | "sent"> {
  const said = JSON.parse(text) as Readonly<Record<string, unknown>>; // a node's own /readyz
  return {
    role: String(said["role"]),
    epoch: Number(said["epoch"]),
    address: String(said["address"]),
    isReady: said["readyToSwitch"] === true,
    pid: Number(said["pid"]),
  };
}

// Whoever started it holds its standard input.
process.stdin.on("end", () => process.exit(0)).resume();
setInterval(look, lookEveryMs);
ask();
