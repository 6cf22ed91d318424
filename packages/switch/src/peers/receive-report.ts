import type { SipRequest } from "@tandem/sip";
import { probeCalls } from "../calls/probe.ts";
import { answer } from "../transactions/server.ts";
import { notice, type Turn } from "../turn.ts";
import { decideAll, decideLogin } from "./lease.ts";
import type { PeerLogin } from "./peer.ts";
import type { Report, ReportedDn } from "./report.ts";
import { refreshSubscription } from "./subscribe.ts";

/**
 * NOTIFY of the peer (P2). Versions are (start, number): another start, or a number that is not the
 * next, means that something was missed, and the full state is asked for.
 */
export function onNotify(turn: Turn, key: string, request: SipRequest): void {
  const { peer } = turn.state;
  const report = readReport(request.body);
  if (report === null) return void answer(turn, key, 400, { reason: "Bad Report" });
  answer(turn, key, 200, {});
  const begins = report.full === "first" || report.full === "only";
  const follows = report.start === peer.remoteStart && report.version === peer.remoteVersion + 1;
  if (!begins && !follows) return refreshSubscription(turn);
  if (begins) {
    peer.logins.clear();
    peer.inService.clear();
    turn.state.queues.readyAtPeer.clear();
    peer.holdsFull = false;
  }
  peer.remoteStart = report.start;
  peer.remoteVersion = report.version;
  for (const row of report.dns) take(turn, row);
  if (report.full === "last" || report.full === "only") {
    peer.holdsFull = true;
    if (peer.lastStart === peer.remoteStart) probeCalls(turn);
    peer.lastStart = peer.remoteStart;
    notice(turn, "peer", `${turn.config.peer?.site ?? "peer"}: ${peer.logins.size} logins there`);
    decideAll(turn);
    return;
  }
  if (peer.holdsFull) for (const { dn } of report.dns) decideLogin(turn, dn);
}

function take(turn: Turn, row: ReportedDn): void {
  const { peer, queues, configured } = turn.state;
  const { dn, login } = row;
  if (row.ready !== undefined) {
    if (configured.dns.get(dn)?.queue === undefined) return;
    queues.readyAtPeer.set(dn, row.ready);
    queues.isTouched = true;
    return;
  }
  if (row.inService) peer.inService.add(dn);
  else peer.inService.delete(dn);
  if (login === null) {
    peer.logins.delete(dn);
    return;
  }
  peer.logins.set(dn, { dn, ...login });
  const known = peer.leaseEpochs.get(dn) ?? 0;
  if (login.lease.epoch > known) peer.leaseEpochs.set(dn, login.lease.epoch);
}

/** A report in the shape we rely on, or null. */
function readReport(body: string): Report | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null; // not JSON: refused as a whole
  }
  if (!isRecord(value) || !Array.isArray(value["dns"])) return null;
  const { start, version, full } = value;
  if (typeof start !== "number" || typeof version !== "number") return null;
  const dns: ReportedDn[] = [];
  const rows = value["dns"] as unknown[]; // an array, seen above
  for (const row of rows) {
    const read = readDn(row);
    if (read === null) return null;
    dns.push(read);
  }
  const isFull = full === "first" || full === "more" || full === "last" || full === "only";
  return { start, version, full: isFull ? full : null, dns };
}

function readDn(row: unknown): ReportedDn | null {
  if (!isRecord(row)) return null;
  const { dn, inService, login, ready } = row;
  if (typeof dn !== "string" || typeof inService !== "boolean") return null;
  if (typeof ready === "number" && ready >= 0) return { dn, inService, login: null, ready };
  if (login === null || login === undefined) return { dn, inService, login: null };
  const read = readLogin(login);
  return read === null ? null : { dn, inService, login: read };
}

function readLogin(login: unknown): Omit<PeerLogin, "dn"> | null {
  if (!isRecord(login) || !isRecord(login["lease"])) return null;
  const { agentID, userName, isOpen, state } = login;
  const { epoch, time, site } = login["lease"];
  const isSound =
    typeof agentID === "string" &&
    typeof userName === "string" &&
    typeof isOpen === "boolean" &&
    typeof state === "string" &&
    typeof epoch === "number" &&
    typeof time === "number" &&
    typeof site === "string";
  return isSound ? { agentID, userName, isOpen, state, lease: { epoch, time, site } } : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
