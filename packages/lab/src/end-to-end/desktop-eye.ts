/**
 * Everything that a desktop of the SDK gives its user, as lines: every event, every change of what
 * it shows, every word of the AIL's listeners. Only the nodes in the services' detail are kept
 * apart: their roles may change when nothing else does (continuity R7).
 */
import type { AilFactory, DesktopSnapshot } from "@tandem/ail";

export interface DesktopEye {
  /** Since the last `forget`. */
  readonly lines: () => readonly string[];
  readonly forget: () => void;
  /** What the services' detail says of each node: `primary`, `backup`, `gone`. */
  readonly roles: () => readonly string[];
}

export function watchDesktop(factory: AilFactory): DesktopEye {
  const { desktop } = factory;
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  desktop.on("event", (event) => say(`event ${event.event}${callOf(event)}`));
  desktop.on("call", (event) => say(`call ${event.event}${callOf(event)}`));
  desktop.on("state", ({ to, cause }) => say(`state ${to.state} at ${to.site}: ${cause.code}`));
  desktop.on("warning", ({ code }) => say(`warning ${code}`));
  desktop.on("refused", ({ errorCode }) => say(`refused ${errorCode}`));
  desktop.on("endpoint", ({ order }) => say(`endpoint ${order}`));
  for (const type of ["TELEPHONY", "CONFIG", "STAT"] as const) {
    factory.addServiceListener(type, {
      serviceStatusChanged: (_, name, status) => say(`${name} ${status}`),
    });
  }
  const dns = desktop
    .objects()
    ?.places.flatMap(({ name }) => factory.getPlace(name)?.getDns() ?? []);
  for (const dn of new Set(dns)) {
    dn.addDnListener({
      handleDnEvent: ({ status }) => say(`DN ${dn.number} ${status}`),
      handleInteractionEvent: ({ event }) => say(`DN ${dn.number} ${event}`),
    });
  }
  let shown = withoutNodes(desktop.snapshot());
  desktop.subscribe(() => {
    const now = withoutNodes(desktop.snapshot());
    for (const path of changes(shown, now, "")) say(`shows ${path}`);
    shown = now;
  });
  return {
    lines: () => [...lines],
    forget: () => void lines.splice(0),
    roles: () =>
      desktop
        .snapshot()
        .services.telephony.nodes.map(({ isConnected, role }) =>
          isConnected ? (role ?? "silent") : "gone",
        ),
  };
}

function callOf(event: object): string {
  return "connID" in event ? ` ${String(event.connID)}` : "";
}

/** Places where two values differ, with the new one: `agent.state.state NotReady`. */
function changes(before: unknown, now: unknown, path: string): readonly string[] {
  if (!isRecord(before) || !isRecord(now)) {
    return Object.is(before, now) ? [] : [`${path} ${JSON.stringify(now)}`];
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...keys].flatMap((key) =>
    changes(before[key], now[key], path === "" ? key : `${path}.${key}`),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function withoutNodes(snapshot: DesktopSnapshot): unknown {
  const { services } = snapshot;
  const { nodes: _nodes, ...telephony } = services.telephony;
  return { ...snapshot, services: { ...services, telephony } };
}
