import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SiteTopology } from "../topology.ts";

/** Another port of the gateway's address: a trunk is known by its address alone. */
const portAfterGateway = 20;
const talkMs = 300;
/** SIPp ends by itself when a call takes longer, with an exit code that says so. */
const withinSeconds = 20;

/**
 * One call by SIPp's own scenario from a site's gateway to the site: INVITE, ACK, a moment, BYE.
 * Rejects with SIPp's last words when anything in it was not as it should be.
 */
export async function callWithSipp(site: SiteTopology, number: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-sipp-"));
  const { gateway, host, ports } = site;
  const options = [
    ...["-sn", "uac", "-s", number, "-m", "1", "-l", "1", "-d", String(talkMs), "-nostdin"],
    ...["-i", gateway.host, "-p", String(gateway.port + portAfterGateway)],
    ...["-timeout", String(withinSeconds), "-timeout_error"],
    `${host}:${ports.sip}`,
  ];
  const child = spawn("sipp", options, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("latin1").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`SIPp ended with ${code ?? "a signal"}: ${output.slice(-800)}`);
}
