import type { AilFactory, DnListener, ServiceListener } from "@tandem/ail";
import type { Printer } from "./printer.ts";

/**
 * The listeners of the sample: three services, the DN of each Place, and the changes of state. They
 * go on hearing after a switchover.
 */
export function listen(
  ail: AilFactory,
  userName: string,
  say: Printer,
  isReadyWanted: boolean,
): void {
  const serviceListener: ServiceListener = {
    serviceStatusChanged: (type, name, status) => say("service", { type, name, status }),
  };
  // Configuration and statistics only warn; the sample switched over because of them.
  for (const type of ["CONFIG", "STAT", "TELEPHONY"] as const) {
    ail.addServiceListener(type, serviceListener);
  }
  const annex = ail.getPerson(userName)?.getAnnex() ?? {};
  say("person", { userName, annex: annex["agent-desktop"] ?? {} });

  const dnListener: DnListener = {
    handleDnEvent: ({ dn, status, extensions }) => {
      const reasonCode = extensions?.["ReasonCode"];
      say("dn", { dn: dn.number, status, ...(reasonCode === undefined ? {} : { reasonCode }) });
    },
    handleInteractionEvent: ({ event, connID, otherDN, callUUID }) =>
      say("call", { event, connID, callUUID, otherDN: otherDN ?? "" }),
  };
  const heard = new Set<string>();
  listenToPlace(ail, dnListener, heard, say);

  const { desktop } = ail;
  desktop.on("state", (entry) => {
    say("state", { ...entry });
    if (entry.cause.code === "logged-in" && isReadyWanted) makeReady(ail, say);
    listenToPlace(ail, dnListener, heard, say); // each site may have a Place of its own
  });
  desktop.on("warning", (warning) => say("warning", { ...warning }));
  desktop.on("refused", (refused) => say("refused", { ...refused }));
}

/** The DN listener, once for each DN of the Place at the site in use. */
function listenToPlace(
  ail: AilFactory,
  listener: DnListener,
  heard: Set<string>,
  say: Printer,
): void {
  const { placeName } = ail.desktop.snapshot().agent;
  const place = placeName === null ? null : ail.getPlace(placeName);
  for (const dn of place?.getDns() ?? []) {
    if (heard.has(dn.number)) continue;
    heard.add(dn.number);
    dn.addDnListener(listener);
    say("place", { place: place?.name ?? "", dn: dn.number });
  }
}

/** Ready after the first login only; later the SDK puts the former state back. */
function makeReady(ail: AilFactory, say: Printer): void {
  const isFirst = ail.desktop.timeline().filter(({ cause }) => cause.code === "logged-in").length;
  if (isFirst > 1) return;
  void ail.desktop.commands.setReady().then((outcome) => say("ready", { outcome: outcome.kind }));
}
